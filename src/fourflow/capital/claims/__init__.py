"""What can be financed once and only once: claims, the debtor's confirmation, registrations."""
