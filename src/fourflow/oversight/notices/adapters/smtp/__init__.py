"""An SMTP server behind TLS."""
