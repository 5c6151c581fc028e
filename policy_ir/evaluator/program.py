"""What a policy asks for, taken apart by what it depends on: the first half of compiling it.

The conjuncts of the filter fall into three classes. *Base* conjuncts look at the catalogue only, and are settled once
for a snapshot. *Shaped* ones also look at what a request requires, and are settled once for a shape: all requests that
require the same. *Live* ones look at the state or at a number of the request, and are asked at each call, of the
candidates that come to it.

Likewise the rank. Parts that look at the catalogue only are *constant*. A `normalize` around a constant is a *leaf*:
all it takes from the call is the least and the greatest value among the survivors. What is made of constants and leaves
is *settled* by those bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, cast

import attrs

from policy_ir.evaluator.sources import static
from policy_ir.signature import subterms_of
from policy_ir.terms import (
    Add,
    And,
    Argmax,
    ChainSelector,
    Clamp,
    FieldScore,
    Gate,
    Is,
    Known,
    MeetsReq,
    Neg,
    Normalize,
    Ordered,
    Pred,
    Prefer,
    Sample,
    Scale,
    ScopeMatches,
    Scorer,
    Selector,
    TagIn,
    Term,
    TopK,
)

if TYPE_CHECKING:
    from policy_ir.floor import Effective
    from policy_ir.terms import Policy
    from policy_ir.vocabulary import Vocabulary

__all__ = ["Pick", "Program"]


@attrs.frozen(slots=True, eq=False)
class Pick:
    """How a selector finds its winner: the first of the plain order `order`.

    With `prefer`, the first that it accepts among the first `limit` of that order (all without one), if there is any.
    """

    order: Argmax | Ordered | ChainSelector | Sample
    prefer: Pred | None = None
    limit: int | None = None

    @classmethod
    def of(cls, selector: Selector) -> Pick | None:
        """The pick of a selector; None where the winner depends on the whole order."""
        match _uncut(selector)[0]:
            case Prefer(pred, inner):
                order, limit = _uncut(inner)
                return cls(order, pred, limit) if isinstance(order, Argmax | Ordered | ChainSelector) else None
            case Argmax() | Ordered() | ChainSelector() | Sample() as order:
                return cls(order)
            case _:
                return None


def _uncut(selector: Selector) -> tuple[Selector, int | None]:
    """What the `top_k` around a selector stand around, and the least of them. None of them changes who comes first."""
    limit = None
    while isinstance(selector, TopK):
        limit = int(selector.k) if limit is None else min(limit, int(selector.k))
        selector = selector.selector
    return selector, limit


@attrs.frozen(eq=False)
class Program:
    """An effective policy, taken apart. Made once for a policy, whatever it is decided over."""

    effective: Effective

    @property
    def policy(self) -> Policy:
        """The effective policy in normal form: what runs."""
        return self.effective.normal

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary that admits it."""
        return self.effective.vocabulary

    @cached_property
    def _conjuncts(self) -> tuple[tuple[Pred, ...], tuple[Pred, ...], tuple[Pred, ...]]:
        filter_ = self.policy.filter
        base: list[Pred] = []
        shaped: list[Pred] = []
        live: list[Pred] = []
        for conjunct in filter_.preds if isinstance(filter_, And) else (filter_,):
            if self.is_constant(conjunct):
                base.append(conjunct)
            elif self._is_shaped(conjunct):
                shaped.append(conjunct)
            else:
                live.append(conjunct)
        return tuple(base), tuple(shaped), tuple(live)

    @property
    def base(self) -> tuple[Pred, ...]:
        """The conjuncts of the filter that look at the catalogue only."""
        return self._conjuncts[0]

    @property
    def shaped(self) -> tuple[Pred, ...]:
        """The conjuncts that look at what the request requires, too."""
        return self._conjuncts[1]

    @property
    def live(self) -> tuple[Pred, ...]:
        """The conjuncts that look at the state, or at a number of the request."""
        return self._conjuncts[2]

    @cached_property
    def pick(self) -> Pick | None:
        """How the winner is found; None where that takes the whole order."""
        return Pick.of(self.policy.select)

    @cached_property
    def normalizes(self) -> tuple[Normalize, ...]:
        """The `normalize` of the rank, each node once."""
        found = {id(node): node for node in _nodes(self.policy.rank) if isinstance(node, Normalize)}
        return tuple(found.values())

    @cached_property
    def leaves(self) -> tuple[Normalize, ...]:
        """Those of them that stand around a constant."""
        return tuple(node for node in self.normalizes if self.is_constant(node.scorer))

    def is_constant(self, term: Pred | Scorer) -> bool:
        """Whether a term looks at the catalogue only, and at each candidate by itself."""
        if not static(term, self.vocabulary):
            return False
        return not any(isinstance(node, Normalize) for node in _nodes(term))

    def is_settled(self, scorer: Scorer) -> bool:
        """Whether the bounds of the leaves settle a scorer."""
        match scorer:
            case _ if self.is_constant(scorer):
                return True
            case Normalize(inner):
                return self.is_constant(inner)
            case Add(scorers):
                return all(map(self.is_settled, scorers))
            case Scale(_, inner) | Neg(inner) | Clamp(_, _, inner):
                return self.is_settled(inner)
            case Gate(pred, inner):
                return self.is_constant(pred) and self.is_settled(inner)
            case _:
                return False

    # --- the shape of a request ------------------------------------------------------------------------------

    def _is_shaped(self, conjunct: Pred) -> bool:
        """Whether what a request requires settles a conjunct: names and levels do, numbers would make a shape each."""
        for node in _nodes(conjunct):
            match node:
                case ScopeMatches() | MeetsReq():
                    pass  # Speed is state, but no shape is kept of a request that asks for it.
                case Is(field) | TagIn(field) | Known(field):
                    if self.vocabulary.fields[field].source not in ("catalogue", "request"):
                        return False
                case _ if not _looks(node) or self.is_constant(cast(Pred, node)):
                    pass
                case _:
                    return False
        return True

    @cached_property
    def requires(self) -> bool:
        """Whether the requirement block of the request is looked at."""
        return any(isinstance(node, MeetsReq) for conjunct in self.shaped for node in _nodes(conjunct))

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The request fields that belong to the shape, in code-point order."""
        named = {
            cast(Is, node).field
            for conjunct in self.shaped
            for node in _nodes(conjunct)
            if isinstance(node, Is | TagIn | Known) and self.vocabulary.fields[node.field].source == "request"
        }
        return tuple(sorted(named))

    @cached_property
    def shape_key(self) -> str:
        """What a shape is known by, as an expression of `facts`."""
        if not self.asked:
            return "facts.requirement"
        return f"(facts.requirement, {', '.join(f'facts.fields.get({field!r})' for field in self.asked)})"


def _looks(node: Term) -> bool:
    """Whether a node looks at anything itself."""
    return not subterms_of(node) or isinstance(node, FieldScore)


def _nodes(term: Term) -> Iterator[Term]:
    """Every node of a term, outermost first."""
    waiting = [term]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(subterms_of(node)))
