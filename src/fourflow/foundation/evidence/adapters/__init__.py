"""Outside of the log: witnesses over HTTP, the key and the published head in the installation's home."""
