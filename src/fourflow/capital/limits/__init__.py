"""Credit lines of funders on core enterprises: sanctioned, blocked, utilised, available, excess."""
