"""Encryption of fields and signatures of people."""
