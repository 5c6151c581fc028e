"""The picture of a backtest: well-formed, alone, legible, and drawn from the figures."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from typing import cast

import attrs
import pytest
from histories import NOON

from policy_ir.trace.backtest import Backtest, Compared
from policy_ir.trace.plot import difference, plot

SVG = "{http://www.w3.org/2000/svg}"
CALL = Compared(id="x", at=NOON, then="a/plum", now="b/pear", usd_then=0.5, usd_now=0.25, basis="usage")


def of(*calls: Compared) -> Backtest:
    found = Backtest(policy="p", first=NOON, last=max((one.at for one in calls), default=NOON))
    for one in calls:
        found.add(one)
    return found


def drawn(found: Backtest, name: str = "cheap.policy") -> ElementTree.Element:
    return ElementTree.fromstring(plot(found, name))


def texts(picture: ElementTree.Element) -> list[str]:
    return [cast(str, text.text) for text in picture.iter(f"{SVG}text")]


def test_the_sums_stand_beside_the_ends_of_their_lines() -> None:
    picture = drawn(of(*(attrs.evolve(CALL, at=NOON + 60 * at) for at in range(100))))
    said = texts(picture)
    assert "USD 50" in said
    assert "USD 25" in said
    assert "Cost in sum: USD 25 less (50%)" in said
    assert len(list(picture.iter(f"{SVG}polyline"))) == 2


def test_lines_end_at_heights_that_are_to_each_other_as_their_sums() -> None:
    picture = drawn(of(*(attrs.evolve(CALL, at=NOON + at) for at in range(10))))
    ends = {}
    for line in picture.iter(f"{SVG}polyline"):
        points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        ends[line.attrib["class"].split()[1]] = points[0][1] - points[-1][1]
    assert ends["then"] == pytest.approx(2 * ends["now"], abs=0.3)


def test_bars_are_as_long_as_there_are_calls() -> None:
    calls = [CALL, CALL, CALL, attrs.evolve(CALL, now="a/plum"), attrs.evolve(CALL, now=None)]
    picture = drawn(of(*calls))
    titles = [cast(str, title.text) for title in picture.iter(f"{SVG}title")]
    assert titles == ["a/plum: 5 then, 1 now", "b/pear: 0 then, 3 now", "no candidate: 0 then, 1 now"]
    bars = [rect for group in picture.iter(f"{SVG}g") for rect in group.iter(f"{SVG}rect")]
    wide = [float(bar.attrib["width"]) for bar in bars]
    assert wide[0] == pytest.approx(5 * wide[1], abs=0.5)
    assert wide[2] == 0


def test_the_rarest_candidates_share_a_row() -> None:
    calls = [attrs.evolve(CALL, then=f"p/{at:02}", now=f"p/{at:02}") for at in range(30) for _ in range(at + 1)]
    titles = [cast(str, title.text) for title in drawn(of(*calls)).iter(f"{SVG}title")]
    assert len(titles) == 10
    assert titles[0] == "p/29: 30 then, 30 now"
    assert titles[-1].startswith("21 others: 231 then, 231 now")


@pytest.mark.parametrize(
    "calls",
    [(), (CALL,), (CALL, CALL), (attrs.evolve(CALL, usd_then=0.0, usd_now=0.0),), (attrs.evolve(CALL, usd_now=None),)],
    ids=["none", "one", "one moment", "free", "unpriced"],
)
def test_there_is_a_picture_of_any_history(calls: tuple[Compared, ...]) -> None:
    picture = drawn(of(*calls))
    assert not re.search(r"nan|inf\b|None", ElementTree.tostring(picture, "unicode"))


def test_names_cannot_leave_their_text() -> None:
    name = '</text><script>alert("x")</script>\u202e'
    picture = drawn(of(attrs.evolve(CALL, then=name)), name)
    assert not list(picture.iter(f"{SVG}script"))
    assert "\u202e" not in ElementTree.tostring(picture, "unicode")


def test_the_picture_loads_nothing_and_says_what_it_does_not_know() -> None:
    text = plot(of(CALL), "cheap.policy")
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in text
    assert "The latency, the failures and the answers of another model are not known." in text
    assert "prefers-color-scheme: dark" in text


def test_the_same_backtest_gives_the_same_picture() -> None:
    assert plot(of(CALL, CALL), "p") == plot(of(CALL, CALL), "p")


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [(4, 3, "USD 1 less (25%)"), (3, 4, "USD 1 more (33%)"), (0, 2, "USD 2 more"), (2, 2, "no difference")],
)
def test_a_difference_says_its_direction_and_share(then: float, now: float, words: str) -> None:
    assert difference(then, now) == words


def test_moments_are_marked_so_that_they_can_be_read() -> None:
    for span in (1, 90, 4000, 80_000, 3 * 86_400, 90 * 86_400, 3e8):
        found = of(CALL, attrs.evolve(CALL, at=NOON + span))
        ticks = [
            text for text in texts(drawn(found)) if re.fullmatch(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?|[0-9]+-[0-9]+", text)
        ]
        assert 1 <= len(ticks) <= 8, span
        assert all(one != following for one, following in pairwise(ticks)), span


def test_a_moment_that_no_calendar_has_gets_no_date() -> None:
    picture = drawn(of(CALL, attrs.evolve(CALL, at=1e20)))
    assert len(list(picture.iter(f"{SVG}polyline"))) == 2
