"""Events: one fact is one row, outbox entry and evidence leaf source at once."""
