"""The story of ``make demo``: a year of real orders, through the same operations as the doors'."""
