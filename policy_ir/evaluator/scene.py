"""What the fields of all candidates show at once: the columns of a catalogue, a state overlay, the facts of a request.

A field of the request is one value for everybody, so numbers and masks are arrays or single values. Specification:
chapter "Semantics", section "Observations".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never, cast

from policy_ir.diagnostics import InternalError, quoted
from policy_ir.evaluator.columns import Columns
from policy_ir.evaluator.labels import Labels, Sets, bits
from policy_ir.evaluator.relations import compared, conjunction
from policy_ir.terms import Relation
from policy_ir.vocabulary import FORMULAS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from policy_ir.evaluator.overlay import Overlay
    from policy_ir.facts import Facts

Numbers: TypeAlias = "float | NDArray[np.float64]"
"""A number for everybody, or one for each candidate."""

Mask: TypeAlias = "bool | NDArray[np.bool_]"
"""A truth value for everybody, or one for each candidate."""


class Scene:
    """Everything that a policy can see; cheap to make, and made for each decision.

    Arrays have one entry per candidate, in snapshot order, and are not to be changed. Fields are declared ones, of the
    sort that a method names.
    """

    __slots__ = ("arrays", "columns", "facts", "overlay", "vocabulary")

    def __init__(self, columns: Columns, overlay: Overlay, facts: Facts) -> None:
        self.columns = columns
        self.overlay = overlay
        self.arrays: tuple[Any, ...] = overlay.arrays
        self.facts = facts
        self.vocabulary = columns.vocabulary

    def column(self, field: str) -> NDArray[np.float64]:
        """The values of a numeric field of the catalogue or the state."""
        place = self.columns.state_places.get(field)
        if place is None:
            return self.columns.numbers(field)
        numbers: NDArray[np.float64] = self.arrays[place]
        return numbers

    def state_flags(self, field: str) -> NDArray[np.bool_]:
        """The values of a boolean field of the state."""
        flags: NDArray[np.bool_] = self.arrays[self.columns.state_places[field]]
        return flags

    def numbers(self, field: str) -> Numbers:
        """The values of a numeric field: extended reals, or undefined for a derived one."""
        declared = self.vocabulary.fields[field]
        match declared.source:
            case "catalogue" | "state":
                return self.column(field)
            case "request":
                return cast(float, self.facts.fields.get(field, declared.default))
            case "derived":
                return _FORMULA_OF[field](*map(self.numbers, FORMULAS[field]))
            case _:
                assert_never(declared.source)

    def flags(self, field: str) -> Mask:
        """The values of a boolean field."""
        declared = self.vocabulary.fields[field]
        match declared.source:
            case "catalogue":
                return self.columns.flags(field)
            case "state":
                return self.state_flags(field)
            case "request":
                return self.facts.fields.get(field, declared.default) is True
            case _:
                raise _no_formula(field)

    def tags(self, field: str, names: tuple[str, ...]) -> Mask:
        """Where a tag field shows one of these names."""
        declared = self.vocabulary.fields[field]
        match declared.source:
            case "catalogue":
                return self.columns.tags(field, names)
            case "state":
                values = self.overlay.buffers[self.columns.state_places[field]]
                return (Sets if declared.sort == "tags" else Labels)(values).any_of(names)
            case "request":
                tag = self.facts.fields.get(field)
                return any(one in names for one in tag) if isinstance(tag, tuple) else tag in names
            case _:
                raise _no_formula(field)

    def known(self, field: str) -> Mask:
        """Where a field of any sort was observed, or all that its formula reads."""
        source = self.vocabulary.fields[field].source
        match source:
            case "catalogue":
                return self.columns.known(field)
            case "state":
                known = self.overlay.known[self.columns.state_places[field]]
                return True if known is None else bits(known)
            case "request":
                return field in self.facts.fields
            case "derived":
                mask: Mask = True
                for part in FORMULAS[field]:
                    mask = conjunction(mask, self.known(part))
                return mask
            case _:
                assert_never(source)

    def compared(self, field: str, rel: Relation, bound: float) -> Mask:
        """Where a numeric field stands in a relation to a number."""
        if self.vocabulary.fields[field].source == "catalogue":
            return self.columns.compared(field, rel, bound)
        return compared(self.numbers(field), rel, bound)


def _call_cost(tokens_in: Numbers, price_in: Numbers, tokens_out: Numbers, price_out: Numbers) -> Numbers:
    """USD for this call, from tokens and prices in USD per million tokens."""
    # A product can be -0, which no score is; a sum of two numbers that are not -0 is not -0 either.
    return ((tokens_in * price_in + 0.0) + (tokens_out * price_out + 0.0)) / 1e6


_FORMULA_OF: Final[Mapping[str, Callable[..., Numbers]]] = {"call_cost": _call_cost}


def _no_formula(field: str) -> InternalError:
    return InternalError(f"no formula for the derived field {quoted(field)}")
