"""资金流: everything that moves claims and money."""
