"""Who may do what, how staff sign in, and the site that holds their pages."""
