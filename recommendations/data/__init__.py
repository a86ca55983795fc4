"""Rows to files and files to rows: open data, exports and spreadsheets from outside. Nothing here asks the database."""
