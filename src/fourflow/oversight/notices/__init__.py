"""Notices: who is told by e-mail of what happened, at most once, with a link and never an amount."""
