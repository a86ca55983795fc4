"""Rows to files and files to rows: open data, exports and sheets from outside; no database."""
