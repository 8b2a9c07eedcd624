"""A small HTTP server: routes, refusals, and fault switches applied before and after a handler."""
