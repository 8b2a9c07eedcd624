"""What notices say, and when they are tried. Pure."""
