"""Pure rules of claims; private to the module."""
