"""What staff work with: the board, how far the report is, the beginning of a draft, histories, reminders."""
