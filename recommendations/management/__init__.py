"""Commands for `manage.py`, each a thin wrapper around an act or a check, and the invented sample."""
