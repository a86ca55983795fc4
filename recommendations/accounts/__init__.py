"""Who may do what, how they get in, and the site that holds the staff's pages."""
