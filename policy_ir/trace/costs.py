"""What the answer of a trace would have cost elsewhere: its own tokens, at the prices that were known then."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs

from policy_ir.trace.record import BASES, Basis

if TYPE_CHECKING:
    from policy_ir.facts import Facts
    from policy_ir.snapshot import Snapshot
    from policy_ir.trace.record import Cost, Hop, Trace

__all__ = ["Tokens", "priced", "prices_of", "spent", "tokens_of", "usd_of", "weaker"]


@attrs.frozen(slots=True)
class Tokens:
    """Tokens of a prompt and its answer, and where their numbers come from."""

    prompt: float
    completion: float
    basis: Basis


def tokens_of(trace: Trace, facts: Facts) -> Tokens | None:
    """The tokens of a call: those of the hop that answered, else those that its facts expect; None without either."""
    hop = _answering(trace)
    if hop is not None and _counted(hop.cost):
        # Tokens without a price have no basis in a trace; nobody can say any more who counted them.
        basis: Basis = "estimate" if hop.cost.basis == "none" else hop.cost.basis
        return Tokens(hop.cost.prompt_tokens, hop.cost.completion_tokens, basis)
    prompt, completion = (facts.fields.get(name) for name in ("prompt_tokens", "completion_tokens"))
    if not isinstance(prompt, float | int) or not isinstance(completion, float | int):
        return None
    return Tokens(prompt, completion, "estimate")


def spent(trace: Trace) -> float | None:
    """What a call or a flow has cost, in US dollars; None where a hop has used tokens whose price is not known."""
    if any(hop.cost.basis == "none" and _counted(hop.cost) for call in trace.calls for hop in call.hops):
        return None
    return trace.cost.usd


def priced(tokens: Tokens, snapshot: Snapshot, i: int) -> float | None:
    """What tokens cost at candidate `i`, in US dollars; None where a price is not known."""
    prices = prices_of(snapshot, i)
    return None if prices is None else usd_of(tokens.prompt, tokens.completion, prices)


def prices_of(snapshot: Snapshot, i: int) -> tuple[float, float] | None:
    """What a million tokens of a prompt and of an answer cost at candidate `i`, in US dollars; None if not known."""
    shown = [snapshot.observe(i, name) for name in ("price_in", "price_out") if name in snapshot.fields]
    if len(shown) < 2 or not all(one.known for one in shown):
        return None
    return cast(tuple[float, float], tuple(one.value for one in shown))


def usd_of(prompt: float, completion: float, prices: tuple[float, float]) -> float:
    """What tokens of a prompt and of an answer cost, in US dollars, by the prices of a million of each."""
    return (prompt * prices[0] + completion * prices[1]) / 1e6


def weaker(one: Basis, other: Basis) -> Basis:
    """The less sound of two bases."""
    return max(one, other, key=BASES.index)


def _answering(trace: Trace) -> Hop | None:
    """The hop whose answer the caller got, or what there was of it."""
    answered = [hop for hop in trace.hops if hop.outcome == "ok"]
    begun = answered or [hop for hop in trace.hops if _counted(hop.cost)]
    return begun[-1] if begun else None


def _counted(cost: Cost) -> bool:
    return cost.prompt_tokens > 0 or cost.completion_tokens > 0
