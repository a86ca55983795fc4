"""What staff fill in. Bad input gets a clear message beside its field, and what was typed is kept."""
