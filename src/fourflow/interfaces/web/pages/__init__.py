"""The pages: parse, one call of the domain, draw."""
