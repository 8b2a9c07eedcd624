"""One folder per outside format or bank; none of them touches a table."""
