"""Pure rules of settlement: steps of an instruction, answers, matching, reconciliation, cash entries."""
