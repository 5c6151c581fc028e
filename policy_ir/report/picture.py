"""The price and score picture: survivors as dots, refused candidates as strokes in one lane per reason.

Prices run along a logarithmic axis. What is free stands in a column at its left, what has no known price in one at
its right. Every mark carries its candidate's words as an SVG title, so that it can be read without a script.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor, isfinite, isnan, log10

import attrs

from policy_ir.report import wording
from policy_ir.report.answer import Answer, Entry
from policy_ir.report.markup import coordinate as _n
from policy_ir.report.markup import escape

LANES = 8
"""Reasons that get a lane of their own; the others share the last one."""


TOLD = 100
"""Dots that have words of their own also in a terse picture."""


@attrs.frozen(slots=True, kw_only=True)
class Layout:
    """The size of a picture in pixels: the whole width, the height of the scatter, the width beside it for words."""

    width: int
    height: int
    left: int
    right: int
    lane: int
    labels_above: bool


WIDE = Layout(width=1040, height=380, left=214, right=64, lane=26, labels_above=False)
SLIM = Layout(width=360, height=300, left=38, right=26, lane=38, labels_above=True)

_TOP = 44
_LETTER = 8.0
"""Pixels of a letter of a name, about."""
_EDGE = 30
"""Pixels beside the logarithmic part that the free and the unpriced stand in."""


@attrs.frozen(slots=True)
class _Axis:
    """The logarithmic axis: exponents of ten at its ends, and where they are."""

    low: float
    high: float
    start: float
    stop: float
    free: float
    unknown: float

    def at(self, price: float | None) -> float:
        if price is None or not isfinite(price):
            return self.unknown
        if price <= 0:
            return self.free
        share = (log10(price) - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)

    def ticks(self) -> Iterable[float]:
        decades = ceil(self.high) - floor(self.low)
        steps = (1, 2, 5) if decades <= 2 else (1, 3) if decades <= 3 else (1,)
        for exponent in range(floor(self.low), ceil(self.high) + 1):
            for step in steps:
                tick = step * 10.0**exponent
                if self.low - 1e-9 <= log10(tick) <= self.high + 1e-9:
                    yield tick


def picture(answer: Answer, layout: Layout, *, terse: bool = False) -> str:
    """The picture as one SVG element; its colours come from the classes of the page's style.

    `terse` is for thousands of candidates: strokes have no words of their own, and neither have dots beyond the first.
    """
    by_call = any(entry.call_cost for entry in _everyone(answer))
    scattered = bool(answer.order) or bool(answer.by_rank and answer.cut)
    if not scattered:
        layout = attrs.evolve(layout, height=0)
    axis = _axis([_price(entry, by_call) for entry in _everyone(answer)], layout)
    lanes = _lanes(answer)
    bottom = _TOP + layout.height
    first = bottom + 30
    total = first + layout.lane * len(lanes) + (34 if lanes else 14)
    out = [
        f'<svg class="picture" viewBox="0 0 {layout.width} {total}" width="{layout.width}" height="{total}" '
        f'role="img" aria-label="{escape(_label(answer, by_call))}">'
    ]
    out += _grid(axis, layout, bottom, first + layout.lane * len(lanes), by_call)
    if scattered:
        out += _survivors(answer, axis, layout, by_call, terse)
    for at, (name, kind, entries) in enumerate(lanes):
        out += _lane(name, kind, entries, axis, layout, first + at * layout.lane, by_call, terse)
    out.append("</svg>")
    return "".join(out)


def _everyone(answer: Answer) -> list[Entry]:
    refused = [finding.entry for cause in answer.causes for finding in cause.findings]
    return [*answer.order, *(entry for entry, _ in answer.cut), *refused]


def _price(entry: Entry, by_call: bool) -> float | None:
    return entry.call_cost if by_call else entry.price_out


def _label(answer: Answer, by_call: bool) -> str:
    what = "the cost of this call" if by_call else "the price of output"
    return (
        f"Score against {what}: {wording.counted(len(answer.order), 'survivor')} as dots, "
        f"{wording.counted(answer.refused, 'refused candidate')} as strokes by reason."
    )


def _axis(prices: Sequence[float | None], layout: Layout) -> _Axis:
    known = [log10(price) for price in prices if price is not None and isfinite(price) and price > 0]
    low, high = (min(known), max(known)) if known else (-1.0, 1.0)
    pad = max(0.06 * (high - low), 0.15)
    free = any(price is not None and price <= 0 for price in prices)
    unknown = any(price is None or not isfinite(price) for price in prices)
    start, stop = float(layout.left), float(layout.width - layout.right)
    return _Axis(
        low - pad,
        high + pad,
        start + (_EDGE if free else 0),
        stop - (_EDGE if unknown else 0),
        start + _EDGE / 3,
        stop - _EDGE / 3,
    )


def _lanes(answer: Answer) -> list[tuple[str, str, list[Entry]]]:
    """The reasons with their candidates, most candidates first; beyond the last lane, together.

    Before them the cut candidates, where their scores are not on the scale of the order.
    """
    merged: dict[str, list[Entry]] = {}
    for cause in answer.causes:
        merged.setdefault(cause.label, []).extend(finding.entry for finding in cause.findings)
    lanes = sorted(merged.items(), key=lambda lane: (-len(lane[1]), lane[0]))
    if len(lanes) > LANES:
        rest = [entry for _, entries in lanes[LANES - 1 :] for entry in entries]
        lanes = [*lanes[: LANES - 1], (f"{len(lanes) - LANES + 1} other reasons", rest)]
    cuts: dict[str, list[Entry]] = {}
    for entry, by in answer.cut if not answer.by_rank else ():
        cuts.setdefault(f"cut by {by}", []).append(entry)
    return [(name, " cut", entries) for name, entries in cuts.items()] + [
        (name, "", entries) for name, entries in lanes
    ]


# --- axes ----------------------------------------------------------------------------------------------------


def _grid(axis: _Axis, layout: Layout, bottom: int, end: int, by_call: bool) -> list[str]:
    out = []
    for tick in axis.ticks():
        at = _n(axis.at(tick))
        out.append(f'<line class="grid" x1="{at}" y1="{_TOP}" x2="{at}" y2="{end}"/>')
        out.append(f'<text class="tick" x="{at}" y="{bottom + 16}" text-anchor="middle">{_tick(tick)}</text>')
    for there, x, word in (
        (axis.start > layout.left, axis.free, "free"),
        (axis.stop < layout.width - layout.right, axis.unknown, "?"),
    ):
        if there:
            out.append(f'<text class="tick" x="{_n(x)}" y="{bottom + 16}" text-anchor="middle">{word}</text>')
    what = "cost of this call, USD" if by_call else "output, USD per Mtok"
    out.append(
        f'<text class="axis" x="{layout.width - layout.right}" y="{_TOP - 24}" text-anchor="end">{what} →</text>'
    )
    out.append(
        f'<line class="base" x1="{layout.left}" y1="{bottom}" x2="{layout.width - layout.right}" y2="{bottom}"/>'
    )
    return out


def _tick(value: float) -> str:
    return wording.number(value, 2)


def _score_range(entries: Sequence[Entry]) -> tuple[float, float]:
    finite = [entry.score for entry in entries if entry.score is not None and isfinite(entry.score)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    pad = 0.08 * (high - low)
    return low - pad, high + pad


def _score_ticks(low: float, high: float) -> Iterable[float]:
    if not isfinite(high - low):
        return
    raw = (high - low) / 4
    unit = 10.0 ** floor(log10(raw))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= raw)
    at = ceil(low / step)
    while at * step <= high:
        yield at * step
        at += 1


# --- marks ---------------------------------------------------------------------------------------------------


def _survivors(answer: Answer, axis: _Axis, layout: Layout, by_call: bool, terse: bool) -> list[str]:
    entries = [*answer.order, *(entry for entry, _ in answer.cut if answer.by_rank)]
    low, high = _score_range(entries)
    side = 'x="0"' if layout.labels_above else f'x="{layout.left - 6}" text-anchor="end"'
    out = [f'<text class="axis" {side} y="{_TOP - 24}">score ↑</text>']

    def y_of(score: float | None) -> float:
        value = low if score is None or isnan(score) else min(max(score, low), high)
        return _TOP + layout.height * (1 - (value - low) / (high - low))

    for tick in _score_ticks(low, high):
        level = _n(y_of(tick))
        out.append(
            f'<line class="grid" x1="{layout.left}" y1="{level}" x2="{layout.width - layout.right}" y2="{level}"/>'
        )
        out.append(
            f'<text class="tick" x="{layout.left - 6}" y="{_n(y_of(tick) + 4)}" text-anchor="end">'
            f"{wording.number(tick, 4)}</text>"
        )
    points = [(axis.at(_price(entry, by_call)), y_of(entry.score)) for entry in entries]
    # Drawn from the last to the first, so that the chosen one lies on top.
    for rank, (entry, point) in reversed(list(enumerate(zip(entries, points, strict=True)))):
        x, y = map(_n, point)
        chosen = rank == 0 and entry is answer.chosen
        kind = "chosen" if chosen else "cut" if rank >= len(answer.order) else "kept"
        size = 7 if chosen else 4.5 if rank < 10 else 3.6
        if terse and rank >= TOLD:
            out.append(f'<g class="dot {kind}"><circle cx="{x}" cy="{y}" r="{size}"/></g>')
            continue
        halo = f'<circle class="halo" cx="{x}" cy="{y}" r="13"/>' if chosen else ""
        out.append(
            f'<g class="dot {kind}" data-id="{escape(entry.id)}">{halo}<circle cx="{x}" cy="{y}" r="{size}"/>'
            f"<title>{escape(_words(entry, rank))}</title></g>"
        )
    return out + _names(answer.order[:2], points, layout)


def _names(entries: Sequence[Entry], points: Sequence[tuple[float, float]], layout: Layout) -> list[str]:
    """The first two by name, where the words hide the fewest dots; the second only where they hide none."""
    out = []
    taken: list[tuple[float, float]] = []
    for rank, (entry, (x, y)) in enumerate(zip(entries, points, strict=False)):
        text = wording.shortened(entry.id, 34)
        wide = _LETTER * len(text)

        def hidden(place: tuple[float, float], wide: float = wide) -> int:
            left, middle = place
            if not 0 <= left <= layout.width - wide:
                return len(points) + 1
            dots = sum(left - 6 <= dot <= left + wide + 6 and abs(level - middle) < 12 for dot, level in points)
            return dots + len(points) * sum(
                abs(level - middle) < 18 and abs(beside - left) < 320 for beside, level in taken
            )

        places = [(x + 18, y), (x - 18 - wide, y), (x - wide / 2, y - 25), (x - wide / 2, y + 25)]
        best = min(places, key=hidden)
        if rank == 0 or not hidden(best):
            taken.append(best)
            kind = "name" if rank == 0 else "name second"
            out.append(f'<text class="{kind}" x="{_n(best[0])}" y="{_n(best[1] + 4)}">{escape(text)}</text>')
    return out


def _lane(
    name: str, kind: str, entries: Sequence[Entry], axis: _Axis, layout: Layout, y: int, by_call: bool, terse: bool
) -> list[str]:
    top = y + (16 if layout.labels_above else 4)
    height = layout.lane - (22 if layout.labels_above else 9)
    middle = _n(top + height / 2 + 4)
    if layout.labels_above:
        label = f'<text class="lane" x="4" y="{y + 11}">{escape(wording.shortened(name, 40))}</text>'
    else:
        words = f"{escape(wording.shortened(name, 29))}<title>{escape(name)}</title>"
        label = f'<text class="lane" x="{layout.left - 10}" y="{middle}" text-anchor="end">{words}</text>'
    out = [
        label,
        f'<text class="count" x="{layout.width - 4}" y="{middle}" text-anchor="end">{len(entries):,}</text>',
        f'<rect class="track" x="{layout.left}" y="{top}" width="{layout.width - layout.right - layout.left}" '
        f'height="{height}" rx="2"/>',
    ]
    if terse:
        places = sorted({axis.at(_price(entry, by_call)) for entry in entries})
        strokes = "".join(dict.fromkeys(f"M{x:.0f} {top + 1}v{height - 2}" for x in places))
        return [*out, f'<g class="stroke{kind}"><path d="{strokes}"/></g>']
    out += [
        f'<g class="stroke{kind}" data-id="{escape(entry.id)}"><line x1="{_n(x)}" y1="{top + 1}" x2="{_n(x)}" '
        f'y2="{top + height - 1}"/><title>{escape(_words(entry))}</title></g>'
        for entry in entries
        for x in (axis.at(_price(entry, by_call)),)
    ]
    return out


def _words(entry: Entry, rank: int | None = None) -> str:
    lines = [entry.id, wording.price(entry.price_in, entry.price_out)]
    if entry.call_cost is not None:
        lines.append(f"this call {wording.cost(entry.call_cost)}")
    if rank is not None and entry.score is not None:
        lines.insert(1, f"rank {rank + 1}, score {wording.score(entry.score)}")
    return "\n".join(lines)
