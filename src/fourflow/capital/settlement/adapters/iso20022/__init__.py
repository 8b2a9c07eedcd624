"""ISO 20022 customer-to-bank messages: pain.001 out; pain.002, camt.053 and camt.054 in."""
