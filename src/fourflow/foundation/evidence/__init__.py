"""Evidence: an append-only Merkle log over the events, checkpoints, witnesses and proof bundles."""
