"""What texts and pictures may come in, and how texts, days and differences are written. Nothing here knows the plan."""
