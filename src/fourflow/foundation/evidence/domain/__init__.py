"""Pure functions of the evidence log: tree, notes, checkpoints, policy, proofs and bundles."""
