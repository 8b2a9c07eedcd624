"""A sandbox bank: accounts, double-entry books, payments, notifications, statements, credit decisions."""
