"""What the public pages show: snapshots and editions arranged for their templates, one module for each subject.

Pure functions to frozen values; nothing here asks the database or knows a request.
"""
