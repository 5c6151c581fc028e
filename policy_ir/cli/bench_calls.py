"""The calls that a policy is measured with: requests in turn, each with a state that is drawn for it.

The same seed draws the same calls on every machine. Every number of the state is drawn anew for every candidate, within
the range that the vocabulary declares; a boolean is what its default is not for a share of the candidates; tags stay as
the catalogue has them, since nobody could say what else they may be.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Final

import attrs

from policy_ir.signature import subterms_of
from policy_ir.terms import Sample, Selector

if TYPE_CHECKING:
    from policy_ir.evaluator import Overlay
    from policy_ir.facts import Facts
    from policy_ir.snapshot import Snapshot
    from policy_ir.vocabulary import FieldDeclaration

__all__ = ["Call", "Calls", "is_drawn"]

POOL: Final = 1 << 16
"""How many numbers are drawn of a field; those of a state are drawn from them, by two bytes each."""

SPREAD: Final = 0.8
"""The standard deviation of the logarithm of a number that has no range."""

TYPICAL: Final = {"ms": 650.0}
"""The median of a number that has no range, by unit; of others it is their default, or 100."""

MOST_SEED: Final = 1 << 53


@attrs.frozen(eq=False)
class Call:
    """A request, the state of all candidates at its time, and a seed if the policy draws."""

    facts: Facts
    overlay: Overlay
    seed: int | None


class Calls:
    """The calls of one run over a snapshot. `down` is the share of booleans that are not as they are by default.

    `columns` are the names of the state fields that are drawn.
    """

    def __init__(
        self, snapshot: Snapshot, requests: Sequence[Facts], seed: int, *, down: float = 0.0, seeded: bool = False
    ) -> None:
        self._snapshot = snapshot
        self._requests = requests
        self._seeded = seeded
        self._random = Random(seed)
        self._made = 0
        declared = (snapshot.vocabulary.fields[name] for name in snapshot.state_fields)
        self._numbers: dict[str, tuple[float, ...]] = {}
        self._flags: dict[str, bytes] = {}
        for field in declared:
            if field.sort == "num":
                self._numbers[field.name] = tuple(_drawn(field, self._random) for _ in range(POOL))
            elif field.sort == "bool":
                turned = round(down * POOL)
                usual = bool(field.default)
                self._flags[field.name] = bytes([not usual]) * turned + bytes([usual]) * (POOL - turned)
        self.columns = tuple(name for name in snapshot.state_fields if name in {*self._numbers, *self._flags})

    def state(self) -> dict[str, array[float] | bytes]:
        """The columns of the next state."""
        drawn: dict[str, array[float] | bytes] = {}
        for name, numbers in self._numbers.items():
            drawn[name] = array("d", map(numbers.__getitem__, self._places()))
        for name, flags in self._flags.items():
            drawn[name] = bytes(map(flags.__getitem__, self._places()))
        return drawn

    def take(self, count: int) -> list[Call]:
        """The next calls."""
        from policy_ir.evaluator import Overlay

        return [self.over(Overlay.take(self._snapshot, self.state())) for _ in range(count)]

    def over(self, overlay: Overlay) -> Call:
        """The next call, with this state."""
        facts = self._requests[self._made % len(self._requests)]
        self._made += 1
        return Call(facts, overlay, self._random.randrange(MOST_SEED) if self._seeded else None)

    def _places(self) -> memoryview:
        """A place in a pool for each candidate."""
        return memoryview(self._random.randbytes(2 * self._snapshot.size)).cast("H")


def _drawn(field: FieldDeclaration, random: Random) -> float:
    """A number that a source may supply for a field."""
    low, high = field.minimum, field.maximum
    if low is not None and high is not None:
        share = random.random()
        return min(max(low * (1 - share) + high * share, low), high)
    usual = field.default if isinstance(field.default, float) and 0 < abs(field.default) < 1e100 else 100.0
    number = TYPICAL.get(field.unit or "", abs(usual)) * random.lognormvariate(0.0, SPREAD)
    if low is not None:
        return low + number
    return number if high is None else high - number


def is_drawn(selector: Selector) -> bool:
    """Whether a selector draws, so that calls need seeds."""
    waiting = [selector]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sample):
            return True
        waiting += [part for part in subterms_of(node) if isinstance(part, Selector)]
    return False
