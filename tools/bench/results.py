"""What was measured, in the form that is written to `result.json`."""

from __future__ import annotations

from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Row:
    """What one contender took for the calls of one task, on one day, over one world.

    `p99_of_all_ns` counts the first call of each block too, which the others leave out.
    """

    task: str
    day: str
    size: int
    contender: str
    median_ns: float
    p99_ns: float
    p99_of_all_ns: float
    calls: int


@attrs.frozen(kw_only=True)
class Cost:
    """Something else that was measured: its name, a figure with its unit, and what else there is to say.

    An import `loads` large libraries, which are named.
    """

    name: str
    figure: float
    unit: str
    p99: float | None = None
    size: int | None = None
    note: str = ""
    loads: list[str] | None = None


@attrs.frozen(kw_only=True)
class Claim:
    """A promise: the figure that was measured, and the most (or, `at_least`, the least) that it may be.

    One that is not `binding` is reported, and fails nothing.
    """

    text: str
    figure: float
    bound: float
    unit: str = "x"
    at_least: bool = False
    binding: bool = True

    @property
    def holds(self) -> bool:
        return self.figure >= self.bound if self.at_least else self.figure <= self.bound


@attrs.define
class Results:
    """All of a run."""

    about: dict[str, Any] = attrs.field(factory=dict)
    rows: list[Row] = attrs.field(factory=list)
    costs: list[Cost] = attrs.field(factory=list)
    claims: list[Claim] = attrs.field(factory=list)
    left_out: list[str] = attrs.field(factory=list)

    def row(self, task: str, day: str, size: int, contender: str) -> Row | None:
        """The row of a contender, None where it was not measured."""
        wanted = task, day, size, contender
        return next((row for row in self.rows if (row.task, row.day, row.size, row.contender) == wanted), None)

    def cost(self, name: str) -> Cost | None:
        """The cost of a name, None where it was not measured."""
        return next((cost for cost in self.costs if cost.name == name), None)

    def leave_out(self, reason: str) -> None:
        """Notes that a contender is missing, once."""
        if reason not in self.left_out:
            self.left_out.append(reason)

    def to_json(self) -> dict[str, Any]:
        claims = [attrs.asdict(claim) | {"holds": claim.holds} for claim in self.claims]
        return attrs.asdict(self) | {"claims": claims}
