"""A row of the fault matrix: what goes wrong with calls, and what is to come of it for each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
from raw_provider import Script

from policy_ir.router.chat import GRACE_S
from policy_ir.router.config import Breaker, Limits, Timeouts

if TYPE_CHECKING:
    from fault_stage import Stage

Way = Literal["whole", "stream"]

ROUTINE: Final = Timeouts(connect_ms=5_000, first_token_ms=5_000, idle_ms=5_000, total_ms=10_000)
"""Times that no row comes near."""

HEEDLESS: Final = Breaker()
"""A breaker that no row of one call opens."""


@attrs.frozen
class Try:
    """A hop as a trace tells it; of the message it has to hold `says`. `cost` is the basis of its cost."""

    candidate: str
    outcome: str
    reason: str | None = None
    status: int | None = None
    action: str | None = None
    says: str = ""
    cost: str = "none"


@attrs.frozen
class Told:
    """What came of a call: for its caller, and in its trace. `outcome` is None where there is no trace."""

    got: str
    outcome: str | None
    hops: tuple[Try, ...] = ()


@attrs.frozen(kw_only=True)
class Row:
    """Something that goes wrong, and what is to come of it.

    `faults` are those of the simulated providers; `script` makes `north` a provider whose every byte it says, with
    `nobody` there is none. `plan` is
    the failure plan of the policy. `north` has the times of that provider. `ways` are how the answer is asked for, and
    `act` says what the callers do, one call where it is not given. `tells` is what comes of it, by call. It takes at
    least `least_ms`, and less than `most_ms`.
    """

    name: str
    tells: tuple[Told, ...]
    group: str = ""
    faults: tuple[str, ...] = ()
    script: Script | None = None
    nobody: bool = False
    plan: str = "next_candidate"
    ways: tuple[Way, ...] = ("whole", "stream")
    asked: Mapping[str, Any] = attrs.field(factory=dict)
    north: Timeouts = ROUTINE
    everywhere: Timeouts = ROUTINE
    limits: Mapping[str, Any] = attrs.field(factory=dict)
    breaker: Breaker = HEEDLESS
    grace_s: float = GRACE_S
    act: Callable[[Stage], Awaitable[None]] | None = None
    least_ms: float = 0.0
    most_ms: float = 1_000.0

    @property
    def ids(self) -> list[str]:
        """What its tests are called, one for each way."""
        plain = "".join(one if one.isalnum() else "-" for one in self.name)
        return [f"{plain}-{way}" for way in self.ways]


def bound_ms(row: Row) -> float:
    """Milliseconds that a call of a row may take."""
    asked = row.asked.get("policy_options", {}).get("deadline_ms")
    return float(min(asked or 1e9, row.limits.get("total_ms", Limits().total_ms)))


def grouped(group: str, *rows: Row) -> tuple[Row, ...]:
    """Rows of one group."""
    return tuple(attrs.evolve(row, group=group) for row in rows)


@attrs.frozen
class Played:
    """What came of a row, and how long it took."""

    told: tuple[Told, ...]
    took_ms: float


def differences(row: Row, played: Played) -> list[str]:
    """In what a row has not come out as it says."""
    found = []
    for number, (due, came) in enumerate(zip(row.tells, _aligned(row.tells, played.told), strict=False)):
        if due != came:
            found.append(f"call {number}: {came} where {due} is due")
    if len(row.tells) != len(played.told):
        found.append(f"{len(played.told)} calls where {len(row.tells)} are due")
    if not row.least_ms <= played.took_ms < row.most_ms:
        found.append(f"{played.took_ms:.0f} ms where {row.least_ms:g} to {row.most_ms:g} are due")
    return found


def _aligned(due: Sequence[Told], came: Sequence[Told]) -> list[Told]:
    """What came, with as much of the messages as is due."""
    made = []
    for there, here in zip(due, came, strict=False):
        hops = list(here.hops)
        for index, (wanted, had) in enumerate(zip(there.hops, here.hops, strict=False)):
            if wanted.says and wanted.says in had.says:
                hops[index] = attrs.evolve(had, says=wanted.says)
        made.append(attrs.evolve(here, hops=tuple(hops)))
    return made
