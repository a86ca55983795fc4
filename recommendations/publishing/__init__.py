"""The acts: each is done whole or refused with a reason, and keeps who did it and why."""
