"""What an evaluation looks at and never changes: the snapshot, the facts of the request, the seed.

Specification: chapter "Semantics", sections "Configurations" and "Observations".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import attrs

from policy_ir.facts import Facts
from policy_ir.semantics.scores import plus, times
from policy_ir.snapshot import Observation, Snapshot
from policy_ir.vocabulary import FORMULAS, Vocabulary


@attrs.frozen(slots=True, eq=False)
class Environment:
    """The snapshot, the facts and the seed (0 to 2^53 - 1, or None) of one decision."""

    snapshot: Snapshot
    facts: Facts
    seed: int | None = None

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary that the snapshot was taken under."""
        return self.snapshot.vocabulary

    def observe(self, i: int, field: str) -> Observation:
        """What the policy sees of candidate `i` in a declared field of any source."""
        declared = self.vocabulary.fields[field]
        if declared.source == "derived":
            return FORMULA_OF[field](self, i)
        if declared.source != "request":
            return self.snapshot.observe(i, field)
        if field in self.facts.fields:
            return Observation(self.facts.fields[field], known=True)
        return Observation(() if declared.sort == "tags" else declared.default, known=False)

    def number(self, i: int, field: str) -> float:
        """The value of a numeric field: an extended real, or undefined for a derived one."""
        value = self.observe(i, field).value
        assert isinstance(value, float)
        return value

    def flag(self, i: int, field: str) -> bool:
        """The value of a boolean field."""
        return self.observe(i, field).value is True


def _call_cost(environment: Environment, i: int) -> Observation:
    """USD for this call, from tokens and prices in USD per million tokens."""
    seen = [environment.observe(i, field) for field in FORMULAS["call_cost"]]
    tokens_in, price_in, tokens_out, price_out = (environment.number(i, field) for field in FORMULAS["call_cost"])
    cost = call_cost(tokens_in, price_in, tokens_out, price_out)
    return Observation(cost, all(observation.known for observation in seen))


def call_cost(tokens_in: float, price_in: float, tokens_out: float, price_out: float) -> float:
    """The formula of `call_cost`: USD, of tokens and of prices in USD per million tokens; undefined as sums are."""
    return plus(times(tokens_in, price_in), times(tokens_out, price_out)) / 1e6


FORMULA_OF: Mapping[str, Callable[[Environment, int], Observation]] = MappingProxyType({"call_cost": _call_cost})
"""The formulas of the derived fields; `policy_ir.vocabulary.FORMULAS` names the fields that each reads."""
