"""A flow as one SVG picture: its nodes in layers from the input to the output, and who reads whom.

With looks, what each node did or would do: its model, its time, its cost, its outcome. Light and dark, without a
script; every node and edge carries its words as an SVG title. Standing alone the picture has its own style; a page has
`STYLE` among its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias, get_args

import attrs

from policy_ir.flow.graph import readers, reads
from policy_ir.flow.tree import Flow, Input, Llm, Output
from policy_ir.report import wording
from policy_ir.report.flow_layout import Layout, layout
from policy_ir.report.markup import coordinate as _n
from policy_ir.report.markup import escape

__all__ = ["OUTCOMES", "OUTCOME_WORDS", "STYLE", "NodeLook", "NodeOutcome", "flow_svg"]

NodeOutcome: TypeAlias = Literal["done", "passed", "failed", "cancelled", "unrun"]

OUTCOMES: tuple[NodeOutcome, ...] = get_args(NodeOutcome)
OUTCOME_WORDS: Final[Mapping[NodeOutcome, str]] = {
    "done": "answered",
    "passed": "passed its input on",
    "failed": "failed",
    "cancelled": "called off",
    "unrun": "not run",
}
"""What became of a node, in words."""

STYLE: Final = """\
.flow { --f-paper: #fdfcf9; --f-card: #ffffff; --f-tint: #f6f2e8; --f-line: #cfc8b8; --f-ink: #1c2832;
  --f-soft: #5d6870; --f-edge: #9aa0a4; --f-done: #0b7468; --f-no: #b23a2c; --f-amber: #8a5a00;
  --f-mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font: 11.5px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
@media (prefers-color-scheme: dark) {
  .flow { --f-paper: #131c23; --f-card: #18232b; --f-tint: #1f2c35; --f-line: #3a4954; --f-ink: #e9e6de;
    --f-soft: #a9aeb0; --f-edge: #6d7880; --f-done: #58cdbb; --f-no: #f0907f; --f-amber: #f2c469; }
}
.flow .paper { fill: var(--f-paper); }
.flow .edge path { fill: none; stroke: var(--f-edge); stroke-width: 1.5; }
.flow .edge .head { fill: var(--f-edge); stroke: none; }
.flow .edge:hover path { stroke: var(--f-ink); stroke-width: 2; }
.flow .edge:hover .head { fill: var(--f-ink); stroke: none; }
.flow .box { fill: var(--f-card); stroke: var(--f-line); stroke-width: 1.2; }
.flow .end .box { fill: var(--f-tint); }
.flow .done .box { stroke: var(--f-done); }
.flow .failed .box { stroke: var(--f-no); stroke-width: 2; }
.flow .passed .box, .flow .cancelled .box { stroke: var(--f-amber); stroke-dasharray: 5 3; }
.flow .unrun .box { stroke-dasharray: 2 3; }
.flow text { fill: var(--f-soft); font-variant-numeric: tabular-nums; }
.flow .name { fill: var(--f-ink); font: 600 12.5px var(--f-mono); }
.flow .model { font: 11px var(--f-mono); }
.flow .unrun .name { fill: var(--f-soft); }
.flow .said { fill: var(--f-amber); }
.flow .failed .said { fill: var(--f-no); font-weight: 600; }
.flow a:hover .box { stroke: var(--f-ink); stroke-width: 2; }
.flow a:focus-visible { outline: none; }
.flow a:focus-visible .box { stroke: var(--f-amber); stroke-width: 3; }
"""

NAME: Final = 22
"""The most characters of a name or an id that are shown; the rest is in the title."""

_NAME_LETTER, _MODEL_LETTER, _LETTER = 7.7, 6.75, 6.2
"""Pixels of a letter, about, in a name, an id and in words."""
_PAD: Final = 14
_LEAST: Final = 84.0
_TOP: Final = 22
_LINE: Final = 17
_END: Final = 34
"""The height of the input and of the output."""
_EDGE: Final = 24
"""Pixels around the whole."""
_HEAD: Final = 7
"""The length of an arrow's head."""


@attrs.frozen(slots=True, kw_only=True)
class NodeLook:
    """What a node did, or would do; each is None where there is nothing to say.

    `ms` is its time, `usd` its cost, `reason` that of its failure, `href` an address that its box leads to.
    """

    outcome: NodeOutcome | None = None
    candidate: str | None = None
    ms: float | None = None
    usd: float | None = None
    reason: str | None = None
    href: str | None = None


def flow_svg(
    flow: Flow, looks: Mapping[str, NodeLook] | None = None, *, down: bool = False, alone: bool = False
) -> str:
    """The picture of an admitted flow, from left to right, or `down`; the same input gives the same text.

    `alone` makes a document of it, ending in a newline. An SVG of 256 nodes at most, each with a box of one size.
    """
    given = looks or {}
    lines = {name: _lines(flow, name, given.get(name)) for name in flow.nodes}
    wide, high = _size(lines.values())
    made = layout(flow, box=wide + 26 if down else high + 22, track=18)
    frame = _Frame.of(made, wide, high, [lines[name][0].width for name in _ends(flow)], down=down)
    width, height = frame.size
    # In a page it shrinks with its place, as long as it can be read; beyond that, the place is scrolled.
    bounds = f' style="width:100%;height:auto;min-width:{_n(0.75 * width)}px;max-width:{_n(width)}px"'
    space = ' xmlns="http://www.w3.org/2000/svg"' if alone else bounds
    out = [
        f'<svg{space} class="flow" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}" '
        f'role="img" aria-label="{escape(_label(flow, given))}">'
    ]
    if alone:
        out.append(f'<style>{STYLE}</style><rect class="paper" width="{_n(width)}" height="{_n(height)}"/>')
    out += _edges(flow, frame)
    out += (_node(flow, name, given.get(name), lines[name], frame) for name in flow.nodes)
    out.append("</svg>\n" if alone else "</svg>")
    return "".join(out)


# --- geometry ------------------------------------------------------------------------------------------------

_Point: TypeAlias = tuple[float, float]


@attrs.frozen(slots=True, kw_only=True)
class _Frame:
    """From layers and places across to pixels."""

    made: Layout
    wide: float
    high: float
    ends: Sequence[float]
    gap: float
    down: bool

    @classmethod
    def of(cls, made: Layout, wide: float, high: float, names: Sequence[float], *, down: bool) -> _Frame:
        """`names` are the widths of the names of the input and of the output."""
        # Where many edges cross between two layers they want some room to do so.
        gap = min(40.0 + made.breadth / 24, 160.0)
        ends = [float(_END) if down else max(_LEAST, name + 2 * _PAD) for name in names]
        return cls(made=made, wide=wide, high=high, ends=ends, gap=gap, down=down)

    @property
    def depth(self) -> float:
        """The size of a box along the layers."""
        return self.high if self.down else self.wide

    @property
    def size(self) -> _Point:
        """The size of the picture."""
        length, breadth = self.stop(self.made.length - 1), self.made.breadth
        whole = (breadth, length) if self.down else (length, breadth)
        return whole[0] + 2 * _EDGE, whole[1] + 2 * _EDGE

    def point(self, along: float, across: float) -> _Point:
        """A place in the picture."""
        return (_EDGE + across, _EDGE + along) if self.down else (_EDGE + along, _EDGE + across)

    def start(self, layer: int) -> float:
        """Where the boxes of a layer begin. The input has the first layer for itself, the output the last one."""
        return (self.ends[0] + self.gap + (layer - 1) * (self.depth + self.gap)) if layer else 0.0

    def stop(self, layer: int) -> float:
        """Where the boxes of a layer end."""
        if layer == 0:
            return self.ends[0]
        return self.start(layer) + (self.ends[1] if layer == self.made.length - 1 else self.depth)

    def box(self, name: str, width: float) -> tuple[_Point, _Point]:
        """The middle and the size of a box; `width` is that of the name of an end."""
        layer = self.made.layers[name]
        start, stop = self.start(layer), self.stop(layer)
        size = self.wide, self.high
        if layer in (0, self.made.length - 1):
            size = max(_LEAST, width + 2 * _PAD), float(_END)
        return self.point((start + stop) / 2, self.made.across[name, layer]), size


def _ends(flow: Flow) -> Sequence[str]:
    """The input and the output."""
    return [name for kind in (Input, Output) for name, node in flow.nodes.items() if isinstance(node, kind)]


def _size(lines: Iterable[Sequence[_Line]]) -> _Point:
    """The size of every box: that of the one that needs most."""
    widest, most = 0.0, 1
    for some in lines:
        widest = max(widest, *(line.width for line in some))
        most = max(most, len(some))
    return max(_LEAST, widest + 2 * _PAD), float(_TOP + _LINE * (most - 1) + 12)


# --- nodes ---------------------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class _Line:
    kind: str
    text: str
    width: float


def _lines(flow: Flow, name: str, look: NodeLook | None) -> list[_Line]:
    """The lines in a box."""
    lines = [_line("name", name, _NAME_LETTER)]
    if look is None or not isinstance(flow.nodes[name], Llm):
        return lines
    if look.candidate is not None:
        lines.append(_line("model", look.candidate, _MODEL_LETTER))
    if figures := _figures(look):
        lines.append(_Line("figures", figures, _LETTER * len(figures)))
    if look.outcome not in (None, "done"):
        said = "passed on" if look.outcome == "passed" else OUTCOME_WORDS[look.outcome]
        lines.append(_line("said", f"{said}: {look.reason}" if look.reason else said, _LETTER, limit=30))
    return lines


def _line(kind: str, text: str, letter: float, limit: int = NAME) -> _Line:
    shown = wording.shortened(text, limit)
    return _Line(kind, shown, letter * len(shown))


def _figures(look: NodeLook) -> str:
    told = [] if look.ms is None else [wording.duration(look.ms)]
    return " · ".join(told if look.usd is None else [*told, wording.cost(look.usd)])


def _node(flow: Flow, name: str, look: NodeLook | None, lines: Sequence[_Line], frame: _Frame) -> str:
    node = flow.nodes[name]
    (x, y), (wide, high) = frame.box(name, lines[0].width)
    end = not isinstance(node, Llm)
    kind = "node end" if end else f"node {look.outcome or ''}".strip() if look is not None else "node"
    first = y - _LINE * (len(lines) - 1) / 2 + 4.5
    texts = "".join(
        f'<text class="{line.kind}" x="{_n(x)}" y="{_n(first + _LINE * at)}" text-anchor="middle">'
        f"{escape(line.text)}</text>"
        for at, line in enumerate(lines)
    )
    round_ = high / 2 if end else 7
    box = (
        f'<g class="{kind}"><title>{escape(_words(flow, name, look))}</title><rect class="box" x="{_n(x - wide / 2)}" '
        f'y="{_n(y - high / 2)}" width="{_n(wide)}" height="{_n(high)}" rx="{_n(round_)}"/>{texts}</g>'
    )
    return box if look is None or look.href is None else f'<a href="{escape(look.href)}">{box}</a>'


def _words(flow: Flow, name: str, look: NodeLook | None) -> str:
    """What the title of a box says."""
    node = flow.nodes[name]
    if isinstance(node, Input):
        return f"{name}: what the caller has sent"
    if isinstance(node, Output):
        return f"{name}: the answer of {node.input}"
    words = [name, "reads " + ", ".join(f"${at} {one}" for at, one in enumerate(node.inputs, 1))]
    if node.on_error == "input":
        words.append("passes its input on if its call fails")
    if look is not None:
        words += [] if look.candidate is None else [look.candidate]
        words += [figures] if (figures := _figures(look)) else []
        if look.outcome is not None:
            words.append(OUTCOME_WORDS[look.outcome] + (f": {look.reason}" if look.reason else ""))
    return "\n".join(words)


_LABELLED: Final = 12
"""The most calls that the label of a picture tells of."""


def _label(flow: Flow, looks: Mapping[str, NodeLook]) -> str:
    said = "; ".join(f"{name} reads {', '.join(node.inputs)}" for name, node in list(flow.calls.items())[:_LABELLED])
    more = "; and more" if len(flow.calls) > _LABELLED else ""
    counts = [sum(look.outcome == outcome for look in looks.values()) for outcome in OUTCOMES]
    told = ", ".join(
        f"{count} {OUTCOME_WORDS[outcome]}" for outcome, count in zip(OUTCOMES, counts, strict=True) if count
    )
    return f"A flow of {wording.counted(len(flow.calls), 'call')}{f' ({told})' if told else ''}: {said}{more}."


# --- edges ---------------------------------------------------------------------------------------------------


def _edges(flow: Flow, frame: _Frame) -> list[str]:
    """One group for each node that is read: the ways to all of its readers, which share a track."""
    edges = reads(flow)
    ports = {name: _ports(name, inputs, frame) for name, inputs in edges.items()}
    return [_edge(name, some, ports, frame) for name, some in readers(edges).items() if some]


def _ports(name: str, inputs: Sequence[str], frame: _Frame) -> Mapping[str, float]:
    """Where the edges come in, across: spread over the side of the box, in the order in which they come."""
    made, layer = frame.made, frame.made.layers[name]
    sources = sorted(inputs, key=lambda one: made.across[one, layer - 1])
    side = 0.6 * (frame.wide if frame.down else frame.high)
    step = min(16.0, side / max(1, len(sources) - 1))
    first = made.across[name, layer] - step * (len(sources) - 1) / 2
    return {one: first + step * at for at, one in enumerate(sources)}


def _edge(name: str, read_by: Sequence[str], ports: Mapping[str, Mapping[str, float]], frame: _Frame) -> str:
    made = frame.made
    own = made.layers[name]
    paths, heads = [], []
    for layer in range(own, made.ends[name]):
        here = made.across[name, layer]
        leave = frame.stop(layer)
        if layer > own:
            paths.append(_straight(frame.point(frame.start(layer), here), frame.point(leave, here)))
        enter = frame.start(layer + 1)
        if (name, layer + 1) in made.across and layer + 1 < made.ends[name]:
            paths.append(_curve(frame, (leave, here), (enter, made.across[name, layer + 1])))
        for reader in read_by:
            if made.layers[reader] == layer + 1:
                port = ports[reader][name]
                paths.append(_curve(frame, (leave, here), (enter - _HEAD, port)))
                heads.append(_arrow(frame, enter, port))
    said = f"{name} → {', '.join(read_by)}"
    return (
        f'<g class="edge"><title>{escape(said)}</title><path d="{"".join(paths)}"/>'
        f'<path class="head" d="{"".join(heads)}"/></g>'
    )


def _straight(start: _Point, end: _Point) -> str:
    return f"M{_n(start[0])} {_n(start[1])}L{_n(end[0])} {_n(end[1])}"


def _curve(frame: _Frame, start: _Point, end: _Point) -> str:
    """A curve between two places (along, across) that leaves and comes along the layers."""
    middle = (start[0] + end[0]) / 2
    pieces = [frame.point(*one) for one in (start, (middle, start[1]), (middle, end[1]), end)]
    (a, b), *rest = pieces
    return f"M{_n(a)} {_n(b)}C{' '.join(f'{_n(x)} {_n(y)}' for x, y in rest)}"


def _arrow(frame: _Frame, enter: float, across: float) -> str:
    tip, left, right = (
        frame.point(*one) for one in ((enter, across), (enter - _HEAD, across - 3.5), (enter - _HEAD, across + 3.5))
    )
    return f"M{_n(tip[0])} {_n(tip[1])}L{_n(left[0])} {_n(left[1])}L{_n(right[0])} {_n(right[1])}Z"
