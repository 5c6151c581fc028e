"""The evaluator: decisions of the same meaning as the machine's, from a policy that is compiled once."""
