"""The filters that templates use."""
