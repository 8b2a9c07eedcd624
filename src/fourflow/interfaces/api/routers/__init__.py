"""One file of routes for each module behind the API."""
