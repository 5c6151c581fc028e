"""Flows: several calls, each with its own policy, as one term that is admitted, fingerprinted and run.

Specification: chapters "Flows", "Calls of a flow" and "Semantics of flows".
"""
