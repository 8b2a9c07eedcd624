"""A folder instead of the world: the sandbox's mail."""
