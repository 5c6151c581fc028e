"""The work of a term, its bound, and the meter that charges a machine for each step before it is made.

Specification: chapter "Semantics", section "Work".
"""

from __future__ import annotations

import attrs

from policy_ir.diagnostics import InternalError, Refused, codes
from policy_ir.signature import subterms_of
from policy_ir.terms import Sample, Selector, Term, TopK

WORK_LIMIT = 2**27
"""The most work that a decision may take; part of the language."""

STEPS_PER_WORK = 2
"""The constant of the step bound: steps, and the sum of their charges, are at most this times the work."""


def sorting(n: int) -> int:
    """n * ceil(log2 n), 0 for n = 0."""
    return n * (n - 1).bit_length() if n else 0


def size(members: int) -> int:
    """The charge of a rule that works on so many members: 1 where there is none."""
    return max(members, 1)


def work(term: Term, n: int) -> int:
    """W(t, n): the work of a term over n candidates."""
    nodes = selectors = drawn = 0
    pending: list[tuple[Term, int]] = [(term, n)]
    while pending:
        node, demand = pending.pop()
        nodes += 1
        selectors += isinstance(node, Selector)
        if isinstance(node, Sample):
            drawn += demand
        # Only a `top_k` directly around a `sample` limits it: anything between needs the whole order.
        inner = int(min(node.k, demand)) if isinstance(node, TopK) else n
        pending.extend((child, inner) for child in subterms_of(node))
    return n * nodes + sorting(n) * selectors + n * drawn


def check_work(term: Term, n: int, limit: int) -> None:
    """Raises `Refused` (`PIR0309`) where a decision would take more work than the bound, or a host's lower `limit`."""
    bound = min(limit, WORK_LIMIT)
    needed = work(term, n)
    if needed > bound:
        raise Refused.because(
            codes.TOO_MUCH_WORK,
            f"this policy over {n} candidates would take {needed} units of work",
            pointer="",
            found=f"{needed} units",
            expected=f"at most {bound} units",
            help="shorten the policy, put `top_k` directly around `sample`, or decide over fewer candidates",
        )


@attrs.define(slots=True)
class Meter:
    """What a machine may spend, and what it has spent; every step is charged before it is made."""

    budget: int
    spent: int = 0
    steps: int = 0

    @classmethod
    def of(cls, term: Term, n: int) -> Meter:
        """The meter that no evaluation of the term over n candidates exhausts, unless we are wrong."""
        return cls(STEPS_PER_WORK * work(term, max(n, 1)))

    def charge(self, units: int) -> None:
        """Charge for a step. Raises `InternalError` where the budget does not hold it."""
        self.spent += units
        self.steps += 1
        if self.spent > self.budget:
            raise InternalError(f"a step bound does not hold: {self.spent} units spent of {self.budget}")
