"""The acts that change what the public reads: each is done whole or refused with a reason, and records who and why."""
