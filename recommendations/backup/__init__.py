"""Backups of the whole site, and the way back: one format for both databases."""
