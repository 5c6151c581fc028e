"""Reports of runs: what they count, and that they are what they say they are: JSON, JUnit XML, a page by itself."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from policy_ir.conformance.report import Judged, Results
from policy_ir.conformance.report.junit import to_junit
from policy_ir.conformance.report.page import html_page
from policy_ir.conformance.report.plain import to_json
from policy_ir.conformance.report.pretty import pretty
from policy_ir.conformance.rules import spec_rules
from policy_ir.conformance.runner import Outcome, Run
from policy_ir.conformance.suite import Vector
from policy_ir.diagnostics.codes import LANGUAGE_CODES

EVIL = "</script><img src=x onerror=alert(1)>\u202e\x00\x1b[31m]]>"


def vector(id: str, **about: Any) -> Vector:
    given: dict[str, Any] = {"rules": ("neg/score",), "input": {"term": ["neg", ["zero"]], "candidates": []}} | about
    return Vector(
        id=id, file=f"{id}.json", kind=about.get("kind", "score"), comment="A vector.",
        expect=given.get("expect", {"result": {"scores": []}}), input=given["input"], rules=given["rules"],
        denies=about.get("denies", ()), near=about.get("near", ()), flags=about.get("flags", ()),
    )  # fmt: skip


PASSED = vector("semantics/neg/one")
FAILED = vector("semantics/neg/two", rules=("neg/score", "zero/score"), denies=("add/next",), near=("PIR0401",))
KNOWN = vector("semantics/neg/three")
UNEXPECTED = vector("semantics/neg/four")
SKIPPED = vector("syntax/json/five", rules=("json/null",), kind="syntax",
                 expect={"refused": [{"code": "PIR0115", "pointer": None}]})  # fmt: skip


def judged(name: str, *, message: str = "/result: another", failing: bool = True, **hello: Any) -> Judged:
    outcomes = (
        Outcome(PASSED, "pass", "", 0.25),
        Outcome(FAILED, "fail" if failing else "pass", message if failing else "", 0.5, "its last words"),
        Outcome(KNOWN, "known" if failing else "pass", "as we know" if failing else "", 0.0),
        Outcome(UNEXPECTED, "unexpected-pass" if failing else "pass", "it passes" if failing else "", 0.0),
        Outcome(SKIPPED, "skip", "no feature x", 0.0),
    )
    said = {"type": "hello", "implementation": name, "version": "2"} | hello
    return Judged(name, Run(said, ("run", name), outcomes, 1.5, "it ended with the exit status 1" if failing else None))


TWO = Results((judged("odd"), judged("good", failing=False)))


# --- counting ------------------------------------------------------------------------------------------------


def test_what_passes_though_it_is_known_to_fail_counts_as_failing() -> None:
    odd, good = TWO.subjects
    assert (odd.failing, good.failing) == (2, 0)
    assert not TWO.passed
    assert Results((good,)).passed
    assert [one.id for one in TWO.noteworthy] == ["semantics/neg/four", "semantics/neg/three", "semantics/neg/two"]


def test_a_row_has_the_vectors_that_follow_by_a_rule_and_those_that_deny_it() -> None:
    rows = {row.id: row for row in TWO.rows()}
    assert list(rows) == [*spec_rules(), *LANGUAGE_CODES]
    assert rows["neg/score"].vectors == tuple(sorted(v.id for v in (PASSED, FAILED, KNOWN, UNEXPECTED)))
    assert rows["add/next"].denied == (FAILED.id,)
    assert rows["PIR0401"].vectors == (FAILED.id,)
    assert rows["PIR0115"].denied == (SKIPPED.id,)


# --- JSON ----------------------------------------------------------------------------------------------------


def test_the_json_has_every_outcome_and_every_rule() -> None:
    made = json.loads(json.dumps(to_json(TWO), allow_nan=False))
    assert (made["report"], made["vectors"], made["passed"]) == (1, 5, False)
    odd, good = made["subjects"]
    assert odd["counts"] == {"pass": 1, "fail": 1, "unexpected-pass": 1, "known": 1, "skip": 1}
    assert (odd["command"], odd["hello"]["version"], odd["seconds"]) == (["run", "odd"], "2", 1.5)
    assert (odd["ending"], good["ending"]) == ("it ended with the exit status 1", None)
    assert odd["outcomes"][1] == {"id": FAILED.id, "status": "fail", "message": "/result: another", "seconds": 0.5}
    (rule,) = (one for one in made["rules"] if one["id"] == "zero/score")
    assert rule["subjects"] == {"odd": {"fail": 1}, "good": {"pass": 1}}
    assert {one["id"] for one in made["rules"]} == {*spec_rules(), *LANGUAGE_CODES}


# --- JUnit ---------------------------------------------------------------------------------------------------

ALLOWED = {
    "testsuites": ({"name", "tests", "failures", "errors", "disabled", "time"}, {"testsuite"}),
    "testsuite": (
        {
            "name",
            "tests",
            "failures",
            "errors",
            "skipped",
            "disabled",
            "time",
            "timestamp",
            "hostname",
            "id",
            "package",
        },
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "assertions", "time", "status"}, {"skipped", "error", "failure", "system-out"}),
    "skipped": ({"message", "type"}, set()),
    "failure": ({"message", "type"}, set()),
}
"""The elements of JUnit's XML that CI servers agree on, with the attributes and the elements that each may have."""


def test_the_xml_has_only_what_junit_knows() -> None:
    root = ET.fromstring(to_junit(TWO))
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, inside = ALLOWED[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= inside
    for suite in root:
        assert next(child.tag for child in suite) == "properties"


def test_the_xml_counts_what_it_holds() -> None:
    root = ET.fromstring(to_junit(TWO))
    assert [suite.get("name") for suite in root] == ["odd", "good"]
    for suite in root:
        held = Counter(child.tag for case in suite.iter("testcase") for child in case)
        cases = len(list(suite.iter("testcase")))
        assert (cases, held["failure"], held["skipped"]) == tuple(
            int(suite.get(name, "")) for name in ("tests", "failures", "skipped")
        )
    assert (root.get("tests"), root.get("failures")) == ("10", "2")
    case = next(case for case in root.iter("testcase") if case.get("name") == "two")
    assert case.get("classname") == "semantics.neg"
    (failure,) = case
    assert failure.get("message") == "/result: another"
    assert "policy-ir conformance show semantics/neg/two" in (failure.text or "")


def test_the_xml_can_hold_any_message() -> None:
    root = ET.fromstring(to_junit(Results((judged("odd", message=EVIL),))))
    (failure,) = (one for one in root.iter("failure") if one.get("type") == "fail")
    assert failure.get("message") == EVIL.replace("\x00", "\\u0000").replace("\x1b", "\\u001b")


# --- the page ------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """The ids of a page, where its links lead, what it would fetch, its text, and whether its tags are balanced."""

    VOID = ("meta", "link", "input", "br", "img", "wbr", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.tags: Counter[str] = Counter()
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        if tag not in self.VOID:
            self._open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        elif "href" in given:
            self.fetched.append(given["href"])
        self.fetched += [given[name] for name in ("src", "srcset", "data", "poster", "action") if name in given]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_asks_nothing_of_anybody() -> None:
    text = html_page(TWO)
    assert [url for url in Page(text).fetched if not url.startswith("data:")] == []
    assert "default-src 'none'" in text.replace("&#x27;", "'")
    assert not re.search(r"@import|@font-face|url\(|fetch\(|XMLHttpRequest|import\(", text)


def test_every_link_on_the_page_leads_to_one_place_on_it() -> None:
    page = Page(html_page(TWO))
    assert page.links
    assert [link for link in page.links if link.removeprefix("#") not in page.ids] == []
    assert [id for id, times in Counter(page.ids).items() if times > 1] == []


def test_the_page_has_a_row_for_every_rule_and_code_and_a_place_for_every_failure() -> None:
    page = Page(html_page(TWO))
    assert {f"rule-{id}" for id in (*spec_rules(), *LANGUAGE_CODES)} <= set(page.ids)
    assert {f"vector-{one.id}" for one in TWO.noteworthy} == {id for id in page.ids if id.startswith("vector-")}


@pytest.mark.parametrize("said", ["1 of 2 implementations failed", "odd", "good", "/result: another", "its last words",
                                  "as we know", "no feature x", "run good", "it ended with the exit status 1",
                                  "findings: first"])  # fmt: skip
def test_the_page_tells_of(said: str) -> None:
    assert said in Page(html_page(TWO)).text


def test_the_page_says_in_words_what_it_shows_in_colours() -> None:
    text = Page(html_page(TWO)).text
    for words in ("1 failed", "1 known to fail", "1 passed, and known to fail", "1 skipped", "none failed", "4 passed"):
        assert words in text


@pytest.mark.parametrize(
    ("results", "title"),
    [
        (Results((judged("odd"),)), "2 of 5 vectors failed"),
        (Results((judged("good", failing=False),)), "5 vectors, none failed"),
        (Results((Judged("all", Run({}, ("x",), (Outcome(PASSED, "pass", "", 0.0),), 0.1)),)), "All 1 vector passed"),
    ],
)
def test_the_title_is_the_verdict(results: Results, title: str) -> None:
    assert f"<h1>{title}</h1>" in html_page(results)


def test_nothing_that_a_subject_says_is_taken_for_markup() -> None:
    results = Results((judged("odd", message=EVIL, implementation=EVIL, version=EVIL, features=[EVIL]),))
    page = Page(html_page(results))
    assert page.tags["img"] == 0
    assert page.tags["script"] == 1
    assert not set("\u202e\x00\x1b") & set(html_page(results))


def test_the_same_runs_give_the_same_page() -> None:
    assert html_page(TWO) == html_page(TWO)
    assert to_junit(TWO) == to_junit(TWO)


# --- JSON for people -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [[], {}, ["and", ["top"], ["bot"]], {"a": [1, {"b": None}], "c": "x" * 60}, "\u202e\x7f", [[1, 2, 3]] * 20],
)
@pytest.mark.parametrize("width", [20, 60, 200])
def test_json_for_people_is_the_same_json(value: Any, width: int) -> None:
    text = pretty(value, width)
    assert json.loads(text) == value
    assert all(line.isprintable() for line in text.split("\n"))


def test_json_for_people_breaks_where_it_must() -> None:
    value = {"term": ["add", ["field", "price_in"], ["neg", ["field", "price_out"]]], "count": 3}
    assert pretty(value, 100) == json.dumps(value)
    assert pretty(value, 50).split("\n") == [
        "{",
        '  "term": ["add",',
        '    ["field", "price_in"],',
        '    ["neg", ["field", "price_out"]]',
        "  ],",
        '  "count": 3',
        "}",
    ]
