"""A snapshot as an article and as a tagged PDF, and the proof of what was published."""
