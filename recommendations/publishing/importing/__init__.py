"""Importing recommendations from a spreadsheet: it is read and checked first, and applied once it was confirmed."""
