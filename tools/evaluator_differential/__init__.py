"""The evaluator against the small-step machine: random sessions, the same questions to both, every answer compared."""
