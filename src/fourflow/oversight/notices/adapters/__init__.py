"""What carries notices out of the house."""
