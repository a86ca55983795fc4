"""Importing past updates from a spreadsheet, as drafts: it is checked first, and applied once it was confirmed."""
