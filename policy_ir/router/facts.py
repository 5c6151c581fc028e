"""What the router itself says of a request: its bucket, what is left of its budget, and the seed of its draws.

Nothing here depends on the process: equal sessions have equal buckets and seeds in every router.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import attrs

from policy_ir.semantics.draws import BITS, first_bits, hashed
from policy_ir.signature import subterms_of
from policy_ir.terms import FilterImage, FilterText, InjectSeed, Jitter, Sample, Term

__all__ = ["Ledger", "bucket_of", "draws", "seed_of"]

BUCKET_TAG: Final = "router-bucket/1"
SEED_TAG: Final = "router-seed/1"
"""The tags of the two hashes: a canary must not be a slice of what a policy draws."""

DRAWING: Final = (Sample, InjectSeed, Jitter, FilterText, FilterImage)
"""The operations whose outcome depends on the seed (chapters "Semantics" and "Decisions")."""


def bucket_of(session: str) -> float:
    """The bucket of a session, at least 0 and less than 1.

    It is the first 53 bits of the BLAKE3-256 of the deterministic CBOR of `["router-bucket/1", session]`, as a number
    with the first bit highest, divided by 2^53. Raises ValueError for a lone surrogate.
    """
    return hashed(BUCKET_TAG, session) / 2.0**BITS


def seed_of(given: int | None, draws: bool, session: str | None, random: Callable[[int], bytes]) -> int | None:
    """The seed of a call: the one that was given; else, where a seed makes a difference, one that is made.

    A session has the same one in all of its calls: its hash as in `bucket_of`, under the tag `router-seed/1`. A call
    without a session has one of `random`, which gives so many bytes. Where nothing draws there is none, so that equal
    calls have equal fingerprints. Raises ValueError for a lone surrogate.
    """
    if given is not None or not draws:
        return given
    return first_bits(random(7)) if session is None else hashed(SEED_TAG, session)


def draws(term: Term) -> bool:
    """Whether a term has an operation that a seed makes a difference to."""
    waiting = [term]
    while waiting:
        node = waiting.pop()
        if isinstance(node, DRAWING):
            return True
        waiting += subterms_of(node)
    return False


# --- what sessions have spent ----------------------------------------------------------------------------------

MOST_SESSIONS: Final = 65_536

_Session: TypeAlias = tuple[str | None, str]
Ask: TypeAlias = Callable[[str | None, str], Awaitable[float]]
"""Gives what the store knows that a key's session has spent, in USD."""


@attrs.define(eq=False, slots=True)
class _Spent:
    """An amount, and whether what the store knows is in it; `asking` counts who waits for that."""

    usd: float = 0.0
    known: bool = False
    asking: int = 0


class Ledger:
    """What the sessions of a key have spent, in USD: asked for at first sight, then kept up to date in memory.

    It remembers the `most` sessions that were asked for last; one that it has forgotten is asked for again. Calls on
    their way are not in it. An amount that is added while the store is asked may be in its answer too, so that call may
    count twice until the session is forgotten. What other routers spend is seen only when the store is asked.
    """

    def __init__(self, most: int = MOST_SESSIONS) -> None:
        self._most = most
        self._sessions: OrderedDict[_Session, _Spent] = OrderedDict()

    async def spent(self, key: str | None, session: str | None, ask: Ask) -> float:
        """What has been spent so far; 0 without a session. Raises what `ask` does, for one that is not known."""
        if session is None:
            return 0.0
        spent = self._sessions.get((key, session))
        if spent is None:
            spent = self._sessions[key, session] = _Spent()
            if len(self._sessions) > self._most:
                self._sessions.popitem(last=False)
        else:
            self._sessions.move_to_end((key, session))
        if not spent.known:
            await self._learn(spent, key, session, ask)
        return spent.usd

    def add(self, key: str | None, session: str, usd: float) -> None:
        """Note what a call has cost. A session that nobody asked for is not remembered: the store has its calls."""
        spent = self._sessions.get((key, session))
        if spent is not None:
            spent.usd += usd

    async def _learn(self, spent: _Spent, key: str | None, session: str, ask: Ask) -> None:
        spent.asking += 1
        try:
            stored = await ask(key, session)
            if not spent.known:
                spent.usd, spent.known = spent.usd + stored, True
        finally:
            spent.asking -= 1
            if not (spent.known or spent.asking) and self._sessions.get((key, session)) is spent:
                del self._sessions[key, session]

    def __len__(self) -> int:
        return len(self._sessions)
