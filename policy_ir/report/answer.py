"""A decision as an answer: the plain facts that the terminal and the HTML page both tell, in their order.

Everything here is ready to be shown: numbers are numbers, causes carry their sentences, places point into the
author's own texts. Nothing here decides anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from policy_ir.syntax.document import Document


@attrs.frozen(slots=True, kw_only=True)
class Entry:
    """One candidate. Prices are in USD per million tokens, `call_cost` in USD, `context` in tokens; None is not known.

    `score` is NaN where it is undefined, and None for a candidate that was refused.
    """

    id: str
    provider: str
    family: str
    price_in: float | None
    price_out: float | None
    context: float | None
    call_cost: float | None
    score: float | None = None


@attrs.frozen(slots=True, kw_only=True)
class Place:
    """A part of a text that an author wrote: the text's name, where it starts there, and its JSON Pointer.

    Lines and columns count from 1; they and the offsets are None for a term that came without a text.
    """

    source: str
    name: str
    pointer: str
    text: str
    start: int | None = None
    end: int | None = None
    line: int | None = None
    column: int | None = None

    @property
    def at(self) -> str:
        """As in `support.policy:4:12`."""
        return self.name if self.line is None else f"{self.name}:{self.line}:{self.column}"


@attrs.frozen(slots=True, kw_only=True)
class Finding:
    """Why one candidate is refused: what was observed, and all that would have to change, to follow `needs`."""

    entry: Entry
    observed: str
    changes: tuple[str, ...]


@attrs.frozen(slots=True, kw_only=True)
class Cause:
    """The candidates that one clause refuses first, in catalogue order. `label` is short, `sentence` is not."""

    reason: str
    label: str
    sentence: str
    place: Place | None
    by_floor: bool
    findings: tuple[Finding, ...]


@attrs.frozen(slots=True, kw_only=True)
class Part:
    """One row of the score: a summand at depth 0, under it at depth 1 the fields that it reads.

    `texts` has what is shown for each compared candidate, `values` of summands what they add.
    """

    label: str
    depth: int
    place: Place | None
    values: tuple[float, ...]
    texts: tuple[str, ...]


@attrs.frozen(slots=True, kw_only=True)
class Answer:
    """A decision, told. `compared` are the candidates that `parts` has columns for, the chosen one first.

    `by_rank` says whether the scores of the order are those of the rank term, which the cut candidates have, too.
    `decides` is the term that puts the chosen candidate before the next. `causes` have the most candidates first.
    """

    policy: Document
    floor: Document | None
    size: int
    chosen: Entry | None
    why: tuple[str, ...]
    order: tuple[Entry, ...]
    cut: tuple[tuple[Entry, str], ...]
    causes: tuple[Cause, ...]
    by_rank: bool
    compared: tuple[Entry, ...]
    parts: tuple[Part, ...]
    decides: Place | None
    request: tuple[tuple[str, str], ...]
    fingerprints: tuple[tuple[str, str], ...]
    seed: int | None

    @property
    def refused(self) -> int:
        """How many candidates were refused."""
        return sum(len(cause.findings) for cause in self.causes)
