"""Pictures of flows: every node once, ways that meet the boxes they lead to, words for what colour says."""

from __future__ import annotations

import itertools
import re
from html import unescape
from xml.etree import ElementTree

import pytest

from policy_ir.flow.tree import Flow, Input, Llm, Node, Output
from policy_ir.report.flow_layout import layout
from policy_ir.report.flow_picture import OUTCOME_WORDS, OUTCOMES, STYLE, NodeLook, flow_svg
from policy_ir.report.flow_rails import rails
from policy_ir.syntax import parse
from policy_ir.terms import Policy

_TERM = parse("policy { filter top }").term
assert isinstance(_TERM, Policy)
POLICY: Policy = _TERM


def flow(**calls: str) -> Flow:
    """A flow of calls, each with the names it reads; the last one is the output's."""
    nodes: dict[str, Node] = {"ask": Input()}
    nodes |= {name: Llm("", POLICY, tuple(reads.split())) for name, reads in calls.items()}
    return Flow({**nodes, "answer": Output(list(calls)[-1])})


def chain(length: int) -> dict[str, str]:
    return {f"n{at}": f"n{at - 1}" if at else "ask" for at in range(length)}


VERIFY = flow(draft="ask", verify="ask draft")
FUSE = flow(one="ask", two="ask", three="ask", fuse="one two three ask")
LARGE = flow(**chain(246), **{f"m{at}": " ".join(f"n{n}" for n in range(31 * at, 31 * at + 31)) for at in range(7)},
             end=" ".join(["n245", *(f"m{at}" for at in range(7))]))  # fmt: skip


# --- the layout ----------------------------------------------------------------------------------------------


def test_the_layer_of_a_node_is_the_longest_way_from_the_input() -> None:
    assert layout(VERIFY, box=10, track=2).layers == {"ask": 0, "draft": 1, "verify": 2, "answer": 3}


def test_an_edge_over_layers_has_a_track_beside_the_boxes() -> None:
    made = layout(VERIFY, box=10, track=2)
    assert abs(made.across["ask", 1] - made.across["draft", 1]) >= 6 - 1e-9


def test_readers_of_one_node_share_its_track() -> None:
    made = layout(flow(a="ask", b="a", c="ask b", d="ask c"), box=10, track=2)
    assert [at for name, at in made.across if name == "ask"] == [0, 1, 2, 3]
    assert made.ends["ask"] == 4


@pytest.mark.parametrize("shown", [VERIFY, FUSE, LARGE], ids=["verify", "fuse", "large"])
def test_boxes_and_tracks_of_a_layer_keep_their_distance(shown: Flow) -> None:
    made = layout(shown, box=10, track=2)
    layers: dict[int, list[tuple[float, float]]] = {}
    for (name, at), across in made.across.items():
        half = 5.0 if made.layers[name] == at else 1.0
        layers.setdefault(at, []).append((across - half, across + half))
    for spans in layers.values():
        spans.sort()
        assert spans[0][0] >= -1e-9
        assert spans[-1][1] <= made.breadth + 1e-9
        assert all(left[1] <= right[0] + 1e-6 for left, right in itertools.pairwise(spans))


def test_edges_that_need_not_cross_do_not() -> None:
    made = layout(flow(a="ask", b="ask", d="b", c="a", end="c d"), box=10, track=2)
    assert (made.across["a", 1] < made.across["b", 1]) == (made.across["c", 2] < made.across["d", 2])


def test_what_reads_one_node_alone_stands_in_line_with_it() -> None:
    made = layout(FUSE, box=10, track=2)
    assert made.across["answer", 3] == pytest.approx(made.across["fuse", 2])


# --- the picture ---------------------------------------------------------------------------------------------


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.mark.parametrize("down", [False, True])
def test_every_node_is_shown_once_and_every_edge_has_its_words(down: bool) -> None:
    svg = flow_svg(FUSE, down=down)
    assert sorted(texts(svg)) == sorted(FUSE.nodes)
    assert "<title>ask → one, two, three, fuse</title>" in svg
    assert "reads $1 one, $2 two, $3 three, $4 ask" in svg


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("shown", [VERIFY, FUSE, LARGE], ids=["verify", "fuse", "large"])
def test_all_of_it_is_within_its_frame(shown: Flow, down: bool) -> None:
    svg = flow_svg(shown, down=down)
    width, height = map(float, re.findall(r'viewBox="0 0 (\S+) (\S+)"', svg)[0])
    for rect in re.findall(r'<rect class="box" x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"', svg):
        x, y, wide, high = map(float, rect)
        assert 0 <= x <= x + wide <= width + 0.2
        assert 0 <= y <= y + high <= height + 0.2
    for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", " ".join(re.findall(r' d="([^"]*)"', svg))):
        assert 0 <= float(x) <= width
        assert 0 <= float(y) <= height


def test_a_picture_that_stands_alone_is_a_document_with_its_style() -> None:
    svg = flow_svg(VERIFY, alone=True)
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert STYLE in svg
    assert "prefers-color-scheme: dark" in svg
    assert svg.endswith("\n")


def test_a_picture_within_a_page_brings_no_style_sheet_and_no_script() -> None:
    svg = flow_svg(VERIFY, {"draft": NodeLook(outcome="done", href="#draft")})
    assert "<style" not in svg
    assert "<script" not in svg


def test_a_picture_within_a_page_shrinks_by_a_quarter_at_most() -> None:
    svg = flow_svg(VERIFY)
    width = float(re.findall(r' width="(\S+)"', svg)[0])
    least, most = (float(one) for one in re.findall(r"min-width:(\S+?)px;max-width:(\S+?)px", svg)[0])
    assert most == width
    assert least == pytest.approx(0.75 * width, abs=0.1)


def test_looks_say_model_time_and_cost() -> None:
    svg = flow_svg(VERIFY, {"draft": NodeLook(outcome="done", candidate="north/small", ms=1240, usd=0.00021)})
    assert texts(svg)[1:4] == ["draft", "north/small", "1.24 s · USD 0.00021"]
    assert '<g class="node done">' in svg


@pytest.mark.parametrize("outcome", [one for one in OUTCOMES if one != "done"])
def test_an_outcome_is_said_in_words_and_by_more_than_colour(outcome: str) -> None:
    svg = flow_svg(VERIFY, {"draft": NodeLook(outcome=outcome, reason="timeout")})  # type: ignore[arg-type]
    assert f"{OUTCOME_WORDS[outcome]}: timeout</title>" in svg  # type: ignore[index]
    assert any(text.endswith(": timeout") for text in texts(svg))
    rule = re.search(rf"\.{outcome} \.box[^}}]*}}", STYLE)
    assert rule is not None
    assert "dasharray" in rule[0] or "stroke-width" in rule[0]


def test_a_box_leads_where_its_look_says() -> None:
    assert '<a href="#node-draft"><g class="node' in flow_svg(VERIFY, {"draft": NodeLook(href="#node-draft")})


def test_a_long_name_is_cut_and_whole_in_its_title() -> None:
    name = "a" * 64
    svg = flow_svg(flow(**{name: "ask"}), {name: NodeLook(candidate="<provider>/" + "b" * 60)})
    assert max(len(unescape(text)) for text in texts(svg)) == 22
    assert f"<title>{name}\n" in svg
    assert "&lt;provider&gt;/" + "b" * 60 in svg


def test_the_label_names_the_calls_and_what_became_of_them() -> None:
    looks = {"draft": NodeLook(outcome="done"), "verify": NodeLook(outcome="failed")}
    label = re.findall(r'aria-label="([^"]*)"', flow_svg(VERIFY, looks))[0]
    assert label == "A flow of 2 calls (1 answered, 1 failed): draft reads ask; verify reads ask, draft."
    assert "; and more." in flow_svg(LARGE)


def test_the_largest_flow_has_a_picture_within_bounds() -> None:
    assert len(LARGE.nodes) == 256
    assert len(flow_svg(LARGE)) < 4_000_000


# --- on a terminal -------------------------------------------------------------------------------------------


def lines(shown: Flow) -> list[str]:
    return [f"{rail:<9}{name}" for name, rail in rails(shown)]


def test_rails_tie_each_node_to_those_that_it_reads() -> None:
    assert lines(VERIFY) == ["○        ask", "├─●      draft", "●─╯      verify", "○        answer"]
    assert lines(FUSE) == [
        "○        ask",
        "├─●      one",
        "├─│─●    three",
        "├─│─│─●  two",
        "●─┴─┴─╯  fuse",
        "○        answer",
    ]


def test_rails_that_nobody_reads_any_more_are_taken_over() -> None:
    assert max(len(rail) for _, rail in rails(flow(**chain(200)))) == 1


def test_rails_show_who_goes_on_and_who_ends() -> None:
    shown = flow(a="ask", b="ask", c="ask a", d="ask c b", e="a d", f="c d e")
    assert lines(shown) == [
        "○        ask",
        "├─●      a",
        "├─│─●    b",
        "├─┼─│─●  c",
        "●─│─┴─┤  d",
        "├─●   │  e",
        "●─┴───╯  f",
        "○        answer",
    ]
