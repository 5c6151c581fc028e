"""The contenders: each decides the same calls, in a form that suits it.

A contender is made for one world and one task. What a call has for it is prepared before the clock starts: `request`
and `state` give the call's two parts in the contender's own form, `decide` gets them, and that alone is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from bench.calls import Call

__all__ = ["Contender", "LeftOut"]


class LeftOut(Exception):
    """A contender cannot run here, and why."""


class Contender:
    """What all contenders have. `decide` gives the number of the winner, or what `answer` makes that of.

    `tasks` are those it decides, `most` the largest world it is asked about (None for any), `each` every how many calls
    it is asked; slow ones are asked seldom. One that `reads` gives ids in order, scores, and each candidate's reason.
    """

    name: ClassVar[str]
    tasks: ClassVar[str] = "ABC"
    most: ClassVar[int | None] = None
    each: ClassVar[int] = 1
    reads: ClassVar[bool] = False

    decide: Callable[[Any, Any], Any]

    def request(self, call: Call) -> Any:
        """What the call asks, in this contender's form."""
        raise NotImplementedError

    def state(self, call: Call) -> Any:
        """The state of all candidates at the time of the call, in this contender's form."""
        raise NotImplementedError

    def counts(self, request: Any, state: Any) -> bool:
        """Asked before each call: whether it is of the kind that is measured."""
        return True
