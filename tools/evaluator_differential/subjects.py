"""Who is held to the machine, by name: the evaluator, its arrays alone, the machine itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from evaluator_differential.asking import Subject


def tuned(constants: Mapping[str, int] | None = None, **settings: Any) -> Any:
    """An evaluator with these settings, after the constants of its module `prepared` were set for all of them."""
    from policy_ir.evaluator import Evaluator, prepared

    for name, value in {**own_constants(), **(constants or {})}.items():
        setattr(prepared, name, value)
    return Evaluator(**settings)


def subject(name: str) -> Subject:
    """The subject of a name in `SUBJECTS`."""
    if name == "machine":
        from evaluator_differential.stand_in import STAND_IN

        return STAND_IN
    if name == "arrays":
        from evaluator_differential.vectors import VECTORS

        return VECTORS
    from policy_ir.evaluator import Overlay

    return Subject(tuned, Overlay)


@cache
def own_constants() -> Mapping[str, int]:
    """How far walks and climbs go, and how many shapes and orders a binding keeps, as the evaluator itself has it."""
    from policy_ir.evaluator import prepared

    return {name: getattr(prepared, name) for name in ("WALK", "RUNGS", "SHAPES", "ORDERS")}


SUBJECTS = ("evaluator", "arrays", "machine")
