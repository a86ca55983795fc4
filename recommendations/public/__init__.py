"""The readers' door: anonymous, read-only, without a cookie."""
