"""Documents for people as PDF/A: set by Typst from a template and facts, sealed so that other readers can verify them."""
