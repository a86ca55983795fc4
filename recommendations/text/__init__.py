"""What text, days and pictures may be when they come in, and how they are shown: no database, no plan."""
