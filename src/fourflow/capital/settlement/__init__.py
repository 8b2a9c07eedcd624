"""Payment instructions, what banks say about them, and cash that arrives."""
