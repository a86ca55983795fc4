"""A snapshot as an article and as a tagged PDF, and what is kept of an edition."""
