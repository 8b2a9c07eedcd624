"""Pure rules of credit lines; private to the module."""
