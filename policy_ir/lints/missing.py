"""Lints of a catalogue under a policy: candidates without the context length or the price that the policy looks at.

Specification: chapter "Lints", rules `lint/no-context` and `lint/no-price`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy_ir.diagnostics import Diagnostic, codes, quoted
from policy_ir.diagnostics.codes import Code
from policy_ir.lints.filtering import present_where_accepted
from policy_ir.lints.walk import nodes_of
from policy_ir.terms import Cmp, FailPlan, FieldScore, MeetsReq, Policy, Term, Xform
from policy_ir.vocabulary import FORMULAS, Vocabulary

if TYPE_CHECKING:
    from policy_ir.snapshot import Snapshot

SHOWN = 3
"""How many candidates a message names."""

PRICE_UNIT = "USD/Mtok"


def missing(term: Term, snapshot: Snapshot) -> Iterator[Diagnostic]:
    """`lint/no-context` and `lint/no-price`: each field once, at the first node that looks at it."""
    handled = set(present_where_accepted(term.filter)) if isinstance(term, Policy) else set()
    looks: dict[tuple[Code, str], list[str]] = {}
    for field, at in _observed(term):
        code = _code_of(field, snapshot.vocabulary)
        if code is not None and field not in handled:
            handled.add(field)
            looks.setdefault((code, at), []).append(field)
    for (code, at), fields in looks.items():
        columns = [snapshot.column(field) for field in fields]
        without = [i for i in range(snapshot.size) if not all(column.present[i] for column in columns)]
        if without:
            yield _diagnostic(code, at, fields, [snapshot.ids[i] for i in without], snapshot.size)


def _observed(term: Term) -> Iterator[tuple[str, str]]:
    """The numeric fields that choosing looks at, and where; of a derived one those that its formula reads."""
    if isinstance(term, Xform | FailPlan):
        return
    roots = [(term, "")]
    if isinstance(term, Policy):
        roots = [(term.filter, "/1"), (term.rank, "/2"), (term.select, "/3")]
    for root, place in roots:
        for node, at in nodes_of(root, place):
            match node:
                case Cmp(field) | FieldScore(field):
                    yield from ((part, at) for part in FORMULAS.get(field, (field,)))
                case MeetsReq():
                    yield "context", at
                case _:
                    pass


def _code_of(field: str, vocabulary: Vocabulary) -> Code | None:
    declared = vocabulary.fields[field]
    if field == "context":
        return codes.LINT_NO_CONTEXT
    if declared.source == "catalogue" and declared.unit == PRICE_UNIT:
        return codes.LINT_NO_PRICE
    return None


def _diagnostic(code: Code, at: str, fields: list[str], without: list[str], size: int) -> Diagnostic:
    shown = ", ".join(map(quoted, without[:SHOWN]))
    more = f" and {len(without) - SHOWN} more" if len(without) > SHOWN else ""
    names = " or ".join(map(quoted, fields))
    seen = "0 tokens" if code is codes.LINT_NO_CONTEXT else "an infinite price"
    return Diagnostic(
        code=code,
        message=f"{len(without)} of {size} candidates have no {names}: {shown}{more}",
        pointer=at,
        found=shown + more,
        help=f"a policy sees {seen} there; complete the catalogue, or ask for {names} with `known`",
    )
