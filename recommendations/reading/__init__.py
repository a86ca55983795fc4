"""What is true of the plan for given dates, as frozen values; nothing here writes."""
