"""What the pages are made of: frozen view types and pure layouts; the templates of the same names draw them."""
