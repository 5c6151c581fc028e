"""Differential testing: random requests, answered by the reference and by another implementation.

Needs the extra `testing` (Hypothesis). Specification: chapter "Conformance".
"""

from policy_ir.conformance.differential.case import Case
from policy_ir.conformance.differential.cases import CASES
from policy_ir.conformance.differential.search import Disagreement, Search, search

__all__ = ["CASES", "Case", "Disagreement", "Search", "search"]
