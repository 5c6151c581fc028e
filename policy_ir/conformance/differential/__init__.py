"""Differential testing: random requests, answered by the reference and by another implementation.

Needs the extra `testing` (Hypothesis). Specification: chapter "Conformance".
"""

from policy_ir.conformance.differential.cases import CASES, Case
from policy_ir.conformance.differential.search import Disagreement, Search, search

__all__ = ["CASES", "Case", "Disagreement", "Search", "search"]
