"""Rules of this house that no general linter knows: each finding carries the sentence that teaches it."""
