"""How facts are written in a language."""
