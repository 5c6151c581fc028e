"""A backtest as one SVG picture: what the calls cost over time, then and now, and who comes first.

It stands alone, in light and dark. The grey marks are the history, the amber ones the other policy. Every mark carries
its words as an SVG title, so that it can be read without a script.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Final

import attrs

from policy_ir.report import wording
from policy_ir.report.markup import coordinate as _n
from policy_ir.report.markup import escape
from policy_ir.trace.backtest import NOT_KNOWN
from policy_ir.trace.moments import date_of

if TYPE_CHECKING:
    from policy_ir.trace.backtest import Backtest
    from policy_ir.trace.timeline import Point

__all__ = ["NOBODY", "day", "difference", "plot"]

NOBODY: Final = "no candidate"
"""What stands in the place of a candidate where none is left."""

ROWS: Final = 10
"""Candidates that have bars of their own; the others share the last ones."""

_WIDTH: Final = 720
_LEFT, _RIGHT = 62, 124
_TOP, _HEIGHT = 112, 190
_NAMES: Final = 216
"""Pixels for the names beside the bars."""
_ROW: Final = 34

_STYLE: Final = """\
.backtest { --paper: #fdfcf9; --ink: #1c2832; --soft: #5d6870; --faint: #8f9499; --grid: #e9e4d8; --then: #8a939a;
  --now: #c98409; --words: #8a5a00; font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
  "Liberation Sans", sans-serif; font-size: 12px; font-variant-numeric: tabular-nums; }
@media (prefers-color-scheme: dark) {
  .backtest { --paper: #131c23; --ink: #e9e6de; --soft: #a9aeb0; --faint: #7d868c; --grid: #25313a; --then: #84909a;
    --now: #f2b134; --words: #f2c469; }
}
.backtest .paper { fill: var(--paper); }
.backtest text { fill: var(--soft); }
.backtest .title { fill: var(--ink); font-size: 17px; font-weight: 600; }
.backtest .head { fill: var(--ink); font-size: 13px; font-weight: 600; }
.backtest .tick, .backtest .small { fill: var(--faint); font-size: 11px; }
.backtest .small { fill: var(--soft); }
.backtest .name { fill: var(--ink);
  font: 11.5px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.backtest .none { font: italic 12px sans-serif; }
.backtest .grid { stroke: var(--grid); }
.backtest .base { stroke: var(--faint); }
.backtest .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.backtest .line.then { stroke: var(--then); }
.backtest .line.now { stroke: var(--now); }
.backtest .end.then, .backtest .bar.then { fill: var(--then); }
.backtest .end.now, .backtest .bar.now { fill: var(--now); }
.backtest .value { font-weight: 600; }
.backtest .value.now { fill: var(--words); }
"""


@attrs.frozen
class _Frame:
    """Where moments and dollars are in the picture."""

    start: float
    stop: float
    most: float

    def x(self, at: float) -> float:
        span = self.stop - self.start
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * ((at - self.start) / span if span else 0.5)

    def y(self, usd: float) -> float:
        return _TOP + _HEIGHT * (1 - usd / self.most)


def plot(backtest: Backtest, name: str) -> str:
    """The picture as one SVG document, ending in a newline; `name` is what the other policy is called."""
    bottom = _TOP + _HEIGHT
    rows = _rows(backtest)
    bars = bottom + 66
    end = bars + 22 + _ROW * len(rows)
    total = end + 62
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="backtest" viewBox="0 0 {_WIDTH} {total}" width="{_WIDTH}" '
        f'height="{total}" role="img" aria-label="{escape(_label(backtest, name))}"><style>{_STYLE}</style>',
        f'<rect class="paper" width="{_WIDTH}" height="{total}"/>',
        *_heading(backtest, name),
        *_costs(backtest),
        f'<text class="head" x="20" y="{bars}">Calls by the candidate that comes first</text>',
        *_bars(rows, bars + 14),
        *(
            f'<text class="small" x="20" y="{end + 24 + 16 * at}">{escape(line)}</text>'
            for at, line in enumerate(_footing(backtest))
        ),
        "</svg>\n",
    ]
    return "".join(out)


# --- words ---------------------------------------------------------------------------------------------------


def difference(then: float, now: float) -> str:
    """How the second cost differs from the first, as in `USD 4.2 less (34%)`."""
    if then == now:
        return "no difference"
    share = f" ({abs(now - then) / then:.0%})" if then else ""
    return f"{wording.cost(abs(now - then))} {'less' if now < then else 'more'}{share}"


def day(at: float | None) -> str:
    """A moment to the minute, UTC; empty for none, and for one that no calendar has."""
    read = None if at is None else date_of(at)
    return "" if read is None else f"{read:%Y-%m-%d %H:%M}"


def _label(backtest: Backtest, name: str) -> str:
    cost = backtest.cost
    return (
        f"{wording.counted(cost.calls, 'call')}: {wording.cost(cost.then)} then, {wording.cost(cost.now)} with {name}, "
        f"{difference(cost.then, cost.now)}. {backtest.changed:,} of {backtest.compared:,} go to another first."
    )


def _heading(backtest: Backtest, name: str) -> list[str]:
    cost = backtest.cost
    period = f"{day(backtest.first)} to {day(backtest.last)} UTC" if backtest.first is not None else "no calls"
    said = f"{wording.counted(backtest.compared, 'call')}, {period}; {backtest.changed:,} go to another candidate first"
    return [
        f'<text class="title" x="20" y="34">{escape(_short(name, 40))} in place of what was</text>',
        f'<text x="20" y="54">{escape(said)}</text>',
        f'<text class="head" x="20" y="90">Cost in sum: {escape(difference(cost.then, cost.now))}</text>',
        *_key(_WIDTH - 168, 90, "then", "as it was"),
        *_key(_WIDTH - 78, 90, "now", "with it"),
    ]


def _key(x: int, y: int, kind: str, word: str) -> list[str]:
    return [
        f'<rect class="bar {kind}" x="{x}" y="{y - 6}" width="14" height="5" rx="2"/>',
        f'<text x="{x + 20}" y="{y}">{word}</text>',
    ]


def _footing(backtest: Backtest) -> list[str]:
    cost = backtest.cost
    usage = backtest.costs.get("usage")
    sound = 0 if usage is None else usage.calls
    unpriced = f"; {backtest.unpriced:,} have no known price and are left out" if backtest.unpriced else ""
    lines = [
        f"Costs: {sound:,} calls by the tokens that providers counted, {cost.calls - sound:,} by estimate{unpriced}.",
        f"{NOT_KNOWN[:1].upper()}{NOT_KNOWN[1:]}.",
    ]
    lost = backtest.damaged + backtest.unreadable + backtest.inadmissible
    if lost:
        lines.insert(0, f"{wording.counted(lost, 'call')} could not be decided again.")
    return lines


# --- costs over time -----------------------------------------------------------------------------------------


def _costs(backtest: Backtest) -> list[str]:
    points = backtest.timeline.points
    bottom = _TOP + _HEIGHT
    base = f'<line class="base" x1="{_LEFT}" y1="{bottom}" x2="{_WIDTH - _RIGHT}" y2="{bottom}"/>'
    if not points:
        words = f'<text class="none" x="{_LEFT}" y="{_TOP + _HEIGHT / 2:g}">no cost is known</text>'
        return [base, words]
    last = points[-1]
    frame = _Frame(points[0].at, last.at, max(last.then, last.now) * 1.06 or 1.0)
    out = []
    for usd in _steps(frame.most):
        y = _n(frame.y(usd))
        out.append(f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}"/>')
        words = wording.number(usd, 4)
        out.append(f'<text class="tick" x="{_LEFT - 8}" y="{_n(frame.y(usd) + 4)}" text-anchor="end">{words}</text>')
    for at, words in _moments(frame.start, frame.stop):
        out.append(f'<text class="tick" x="{_n(frame.x(at))}" y="{bottom + 18}" text-anchor="middle">{words}</text>')
    return [*out, base, *_line(points, frame, "then"), *_line(points, frame, "now"), *_ends(last, frame)]


def _line(points: Sequence[Point], frame: _Frame, kind: str) -> list[str]:
    sums = [(frame.x(point.at), frame.y(getattr(point, kind))) for point in points]
    # The sum starts at nothing with the first call.
    path = " ".join(f"{_n(x)},{_n(y)}" for x, y in [(sums[0][0], frame.y(0)), *sums])
    x, y = map(_n, sums[-1])
    return [
        f'<polyline class="line {kind}" points="{path}"/>',
        f'<circle class="end {kind}" cx="{x}" cy="{y}" r="3.5"/>',
    ]


def _ends(last: Point, frame: _Frame) -> list[str]:
    """The sums beside the ends of their lines, apart enough to be read."""
    levels = {"then": frame.y(last.then), "now": frame.y(last.now)}
    gap = 16 - abs(levels["then"] - levels["now"])
    if gap > 0:
        upper = "then" if last.then >= last.now else "now"
        for kind in levels:
            levels[kind] += -gap / 2 if kind == upper else gap / 2
    x = _n(frame.x(last.at) + 10)
    return [
        f'<text class="value {kind}" x="{x}" y="{_n(level + 4)}">{wording.cost(getattr(last, kind))}</text>'
        for kind, level in levels.items()
    ]


def _steps(most: float) -> Iterable[float]:
    unit = 10.0 ** floor(log10(most / 4))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= most / 4)
    return [step * at for at in range(floor(most / step) + 1)]


_SPANS: Final = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200),
    *(86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000),
)
"""Seconds between marks of time."""


def _moments(start: float, stop: float) -> Iterable[tuple[float, str]]:
    span = stop - start
    if span <= 0:
        return [(start, day(start))]
    step = next((step for step in _SPANS if span / step <= 7), ceil(span / 7))
    form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86_400 else "%m-%d" if step < 7_776_000 else "%Y-%m"
    first = ceil(start / step)
    return [(at, _moment(at, form)) for at in (step * n for n in range(first, floor(stop / step) + 1))]


def _moment(at: float, form: str) -> str:
    read = date_of(at)
    if read is None:
        return ""
    # Midnight is where the day begins, and says which one.
    return read.strftime("%m-%d" if form == "%H:%M" and (read.hour, read.minute) == (0, 0) else form)


# --- who comes first -----------------------------------------------------------------------------------------


def _rows(backtest: Backtest) -> list[tuple[str, str, int, int]]:
    """Name, kind of name, calls then and now; the rarest together, no candidate last."""
    firsts = backtest.firsts()
    named = [(name, then, now) for name, then, now in firsts if name is not None]
    rows = [(name, "name", then, now) for name, then, now in named]
    if len(rows) > ROWS:
        rest = named[ROWS - 1 :]
        counted = sum(row[1] for row in rest), sum(row[2] for row in rest)
        rows = [*rows[: ROWS - 1], (f"{len(rest):,} others", "none", *counted)]
    if backtest.others.calls:
        rows.append(("pairs beyond the bound", "none", backtest.others.calls, backtest.others.calls))
    return rows + [(NOBODY, "none", then, now) for name, then, now in firsts if name is None]


def _bars(rows: Sequence[tuple[str, str, int, int]], top: int) -> list[str]:
    most = max((max(then, now) for *_, then, now in rows), default=0) or 1
    room = _WIDTH - _NAMES - 90
    out = []
    for at, (name, kind, then, now) in enumerate(rows):
        y = top + at * _ROW
        words = f"{name}: {then:,} then, {now:,} now"
        out.append(f'<g><title>{escape(words)}</title><text class="{kind}" x="{_NAMES - 10}" y="{y + 16}" '
                   f'text-anchor="end">{escape(_short(name, 27))}</text>')  # fmt: skip
        for beside, (side, calls) in enumerate((("then", then), ("now", now))):
            wide = max(room * calls / most, 1.5 if calls else 0)
            level = y + 2 + 13 * beside
            out.append(f'<rect class="bar {side}" x="{_NAMES}" y="{level}" width="{_n(wide)}" height="10" rx="1.5"/>')
            out.append(f'<text class="tick" x="{_n(_NAMES + wide + 7)}" y="{level + 9}">{calls:,}</text>')
        out.append("</g>")
    return out


def _short(text: str, limit: int) -> str:
    """A name without its middle where it is too long: both ends tell models apart."""
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail]}…{text[-tail:]}"
