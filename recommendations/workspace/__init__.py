"""What waits for staff: the board, the report's state, drafts to begin, reminders."""
