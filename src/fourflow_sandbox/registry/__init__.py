"""A sandbox movable-property registry: first come, first in rank; nothing is examined, everything is kept."""
