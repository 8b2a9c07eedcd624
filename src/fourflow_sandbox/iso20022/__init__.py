"""ISO 20022 messages read and written with the standard library only (the platform uses another one)."""
