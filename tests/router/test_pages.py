"""The router's pages as texts: what they say of calls of every kind, and that nothing in them is more than a text."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from page_cases import (
    BAD,
    GOOD,
    HERE,
    KINDS,
    STANDARD,
    all_pages,
    decision,
    flow_page_of,
    flow_replayed,
    flow_trace,
    flow_tree,
    history,
    hostile_pages,
    models,
    replayed,
    trace,
    trace_page_of,
)

from policy_ir.catalogs import shipped_snapshot
from policy_ir.decision import decide
from policy_ir.diagnostics import Refused, codes
from policy_ir.facts import read_facts
from policy_ir.floor import effective, read_floor
from policy_ir.presets import flow_preset
from policy_ir.report.wording import duration
from policy_ir.router.directives import refuse_directives_of
from policy_ir.router.pages import (
    CONTENT_SECURITY_POLICY,
    Filters,
    Form,
    Stated,
    Visit,
    answer_to,
    error_page,
    first_call,
    flow_page,
    read_form,
    trace_page,
    traces_page,
    tried,
    try_page,
)
from policy_ir.router.pages.frame import LOOK
from policy_ir.router.pages.time_axis import ticks
from policy_ir.trace.parts import Rebuilt
from policy_ir.trace.record import Cost, Trace

PAGES = all_pages() | hostile_pages()
VOID = {"meta", "link", "input", "wbr", "br", "line", "circle", "rect", "path"}


class Outline(HTMLParser):
    """The elements of a page with their attributes, and its text; an element that is left open is a fault."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "wbr":
            self.text.append(" ")
        if len(attrs) != len(dict(attrs)):
            self.faults.append(f"{tag} has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)


def read(page: str) -> Outline:
    outline = Outline()
    outline.feed(page)
    outline.close()
    return outline


def said(page: str) -> str:
    return " ".join("".join(read(page).text).split())


# --- every page -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_well_formed(path: str) -> None:
    outline = read(PAGES[path])
    assert outline.faults == []
    assert outline.open == []
    tags = Counter(tag for tag, _ in outline.tags)
    assert tags["h1"] == tags["main"] == 1
    ids = Counter(given["id"] for _, given in outline.tags if "id" in given)
    assert [name for name, count in ids.items() if count > 1] == []
    assert ("html", {"lang": "en"}) in outline.tags
    for tag, given in outline.tags:
        if tag == "th":
            assert given.get("scope") in ("row", "col")
        for name in ("aria-describedby", "for", "list"):
            assert all(one in ids for one in (given.get(name) or "").split()), (tag, given)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_and_leads_nowhere_else(path: str) -> None:
    for tag, given in read(PAGES[path]).tags:
        assert tag not in ("img", "iframe", "object", "embed", "base", "foreignobject")
        assert "src" not in given
        assert not [name for name in given if name.startswith("on")]
        for name in ("href", "action"):
            if name in given and tag != "link":
                assert re.match(r"(/(?!/)|#)", given[name] or ""), given
    assert "url(" not in PAGES[path]
    assert "@import" not in PAGES[path]


@pytest.mark.parametrize("path", hostile_pages())
def test_nothing_that_anybody_wrote_is_more_than_a_text(path: str) -> None:
    page = PAGES[path]
    outline = read(page)
    assert [tag for tag, _ in outline.tags].count("script") == 1
    assert "<script>alert" not in page
    assert "\x1b" not in page
    assert "\x00" not in page
    page.encode("utf-8")
    # What turns the direction of writing is left alone in what was typed only.
    typed = "".join(value for _, given in outline.tags for value in given.values() if value)
    areas = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    shown = page
    for one in areas:
        shown = shown.replace(one, "")
    assert "\u202e" not in "".join(read(shown).text)
    assert "alert(1)" in typed + "".join(outline.text)


def test_the_same_data_give_the_same_page() -> None:
    again = all_pages()
    assert {path for path in again if again[path] != PAGES[path]} == set()


def test_the_policy_lets_this_style_and_this_script_run_and_nothing_be_loaded() -> None:
    parts = dict(part.strip().split(" ", 1) for part in CONTENT_SECURITY_POLICY.split(";"))
    assert parts["default-src"] == "'none'"
    assert parts["form-action"] == "'self'"
    assert parts["frame-ancestors"] == parts["base-uri"] == "'none'"
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", parts["script-src"])
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", parts["style-src-elem"])
    page = PAGES["/"]
    assert f"<style>{LOOK.style}</style>" in page
    assert f"<script>{LOOK.script}</script>" in page


# --- recent traces --------------------------------------------------------------------------------------------


def test_a_row_has_what_became_of_a_call() -> None:
    page = traces_page(history(14), filters=Filters(), visit=HERE)
    text = said(page)
    for words in (
        *("02:26:40", "support", "gemini/gemini-2.5-pro", "answered", "cut off stream_interrupted", "no candidate"),
        *("caller left", "failed server_error", "4,012 + 311", "0.00213", "≈0.0011", "caller’s own"),
    ):
        assert words in text, words
    assert 'datetime="2026-11-01T02:26:40.250Z"' in page


def test_the_strip_says_in_words_what_it_draws() -> None:
    page = traces_page(history(14), filters=Filters(), visit=HERE)
    assert "14 calls, oldest first: 9 answered, 1 caller left, 1 cut off, 1 failed, 1 no candidate, 1 refused" in said(
        page
    )
    assert len(re.findall(r"<i class=\"[a-z]+\" data-id=", page)) == 14


def test_paging_keeps_the_filters() -> None:
    calls = history(3)
    filters = Filters(policy="a&b", outcome="failed", since="2h", before="tr_x")
    outline = read(traces_page(calls, filters=filters, older=calls[-1].id, visit=HERE))
    (older,) = [given["href"] for tag, given in outline.tags if given.get("rel") == "next"]
    asked = parse_qs(urlsplit(older or "").query)
    assert asked == {"policy": ["a&b"], "outcome": ["failed"], "since": ["2h"], "before": [calls[-1].id]}
    assert "Newest" in outline.text
    assert ("option", {"value": "failed", "selected": None}) in outline.tags


def test_the_last_page_has_no_older_ones() -> None:
    assert "Older" not in said(traces_page(history(3), filters=Filters(), visit=HERE))


def test_without_a_trace_the_page_says_how_to_make_the_first_call() -> None:
    command = first_call("http://127.0.0.1:8080", "policy:it's", keyed=True)
    text = said(traces_page([], filters=Filters(), first=command, visit=HERE))
    assert "No call has come in yet" in text
    assert 'curl http://127.0.0.1:8080/v1/chat/completions \\ -H "Authorization: Bearer $POLICY_IR_KEY"' in text
    assert "<form" not in traces_page([], filters=Filters(), first=command, visit=HERE)
    assert "Authorization" not in first_call("http://127.0.0.1:8080", "policy:x", keyed=False)


def test_the_first_call_is_one_for_a_shell() -> None:
    import json
    import shlex

    words = shlex.split(first_call("http://[::1]:80", 'policy:it\'s "$(x)"', keyed=False).replace("\\\n", " "))
    assert words[:2] == ["curl", "http://[::1]:80/v1/chat/completions"]
    assert json.loads(words[-1])["model"] == 'policy:it\'s "$(x)"'


def test_no_trace_that_is_like_the_filters_is_another_thing() -> None:
    text = said(traces_page([], filters=Filters(outcome="failed"), first="curl", visit=HERE))
    assert "No trace is like that" in text
    assert "curl" not in text


def test_a_time_that_is_none_is_said_where_it_was_typed() -> None:
    page = PAGES["/bad-time"]
    assert 'role="alert"' in page
    assert "PIR0933" in page
    assert 'value="yesterday"' in page


def test_the_page_says_whose_it_is_and_that_providers_are_simulated() -> None:
    assert "sandbox key support-team" in said(PAGES["/"])
    assert "sandbox" not in said(traces_page([], filters=Filters(), visit=Visit()))


# --- one trace ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("ok", ["answered", "It answered at the first attempt; it was the first of 17 candidates", "USD 0.00213",
                "as the provider counts", "4,012 + 311", "HTTP 200", "first token after 620 ms", "ticket-4711"]),
        ("failed-over", ["It answered at the fourth attempt. gemini/gemini-2.5-pro was the first of 17",
                         "the plan says to try it again: retry_same/again", "then 500 ms of waiting", "retry 1",
                         "Rate limit reached for requests.", "HTTP 429", "attempt 4: answered", "network_error"]),
        ("eight-hops", ["Nobody answered", "8 attempts failed, and the caller got an error.", "502", "model_not_found",
                        "stop, for it was the last candidate: next_candidate/stop"]),
        ("interrupted", ["cut off stream_interrupted", "It failed in the middle of its answer, at the first attempt.",
                         "estimated"]),
        ("cancelled", ["caller left", "The caller went away after 832 ms, during the first attempt"]),
        ("no-candidate", ["No candidate was left", "The filter refused 590 candidates. Nobody was called.", "422",
                          "context must be at least 900,000 tokens"]),
        ("refused", ["The call was refused", "the findings below say why", "error[PIR0401]", "did you mean disabled?",
                     "at /1/1/1", "policy-ir trace show"]),
        ("large", ["536 candidates in order", "1,964 refused", "and 506 more", "and 804 more"]),
    ],
)  # fmt: skip
def test_the_page_of_a_trace_says_what_became_of_it(kind: str, words: list[str]) -> None:
    text = said(trace_page_of(kind))
    assert [one for one in words if one not in text] == []


def test_every_hop_has_a_bar_that_is_told_in_words_too() -> None:
    outline = read(trace_page_of("eight-hops"))
    bars = [
        given["aria-label"] for tag, given in outline.tags if given.get("class") == "track" and "aria-label" in given
    ]
    assert len(bars) == 8
    assert bars[1] == "from 300 ms to 500 ms of 2.3 s"


def test_bars_stand_at_their_share_of_the_whole_time() -> None:
    outline = read(trace_page_of("failed-over"))
    styles = [given["style"] for _, given in outline.tags if given.get("class") == "bar wait"]
    assert styles == ["left:min(6.94%,100% - 3px);width:19.08%"]


def test_a_call_of_no_time_at_all_can_be_drawn() -> None:
    one = trace(ended_ms=0.0, hops=(attrs.evolve(trace().hops[0], started_ms=0.0, ended_ms=0.0),))
    assert "0 ms" in said(trace_page(one, visit=HERE))


def test_a_page_of_many_candidates_stays_small() -> None:
    assert len(trace_page_of("large")) < 400_000


def test_a_trace_without_its_parts_is_shown_with_what_is_missing() -> None:
    text = said(PAGES["/ui/traces/untold"])
    assert "How it was decided" in text
    assert "PIR0931" in text
    assert "17 candidates in order" in text
    assert "It answered at the first attempt" in text


def test_facts_and_fingerprints_can_be_read_and_copied() -> None:
    page = trace_page_of("ok")
    text = said(page)
    for value in (decision().policy, decision().fingerprint, decision().snapshot_fingerprint, trace().catalogue):
        assert value is not None
        assert value in text
    assert "prompt_tokens 4,000" in text
    assert f"policy-ir replay {trace().id}" in text


def test_prompts_are_shown_where_they_were_kept_only() -> None:
    assert "as it was sent" not in said(trace_page_of("ok"))
    assert "The request, as it was sent" in said(PAGES["/ui/traces/kept"])
    assert "chatcmpl-1" in said(PAGES["/ui/traces/kept"])


def test_a_trace_leads_to_its_json_and_can_be_replayed() -> None:
    outline = read(trace_page_of("ok"))
    assert ("form", {"method": "post", "action": f"/ui/traces/{trace().id}"}) in outline.tags
    assert ("a", {"href": f"/traces/{trace().id}"}) in outline.tags


def test_a_call_that_was_never_decided_offers_no_replay() -> None:
    assert "<form" not in trace_page_of("refused")


@pytest.mark.parametrize(
    ("kind", "words"),
    [("same", "The same decision again"), ("different", "Another decision than the trace has. what in the trace now"),
     ("damaged", "It cannot be decided again."), ("undecided", "never came to a decision")],
)  # fmt: skip
def test_a_replay_says_what_came_of_it(kind: str, words: str) -> None:
    text = said(trace_page(trace(), replayed=replayed(kind), visit=HERE))
    assert words in text


# --- a decision told again ------------------------------------------------------------------------------------


def rebuilt(floor: str | None = None, **given: Any) -> Rebuilt:
    """What a trace's decision was made over, its policy in the wire syntax without a text."""
    from policy_ir.admission import admit_policy
    from policy_ir.syntax.loader import load
    from policy_ir.syntax.print_wire import to_wire

    term = load(to_wire(decision(**given).program.policy.term))
    held = None if floor is None else read_floor(floor, STANDARD)
    facts = read_facts({}, STANDARD)
    return Rebuilt(effective(admit_policy(term, STANDARD), held), shipped_snapshot(), facts, None)


def test_a_decision_is_told_again_with_places_in_a_text() -> None:
    told = answer_to(rebuilt(), "agents")
    assert told.policy.name == "agents"
    assert "bench_coding >= 0.5" in told.policy.text
    assert all(cause.place is not None and cause.place.line is not None for cause in told.causes)


def test_what_is_told_again_is_the_same_decision() -> None:
    given = rebuilt()
    first = decide(given.policy, given.snapshot, given.facts, given.seed)
    told = dict(answer_to(given).fingerprints)
    assert told["decision"] == first.fingerprint


def test_a_decision_under_a_floor_is_told_with_it() -> None:
    told = answer_to(rebuilt(floor="filter price_out <= 1"))
    assert any(cause.by_floor for cause in told.causes)
    assert "effective" in dict(told.fingerprints)


def test_a_policy_too_large_for_the_authoring_syntax_is_told_without_a_text() -> None:
    many = [",".join(f'"{"x" * 248}{k:02}{i:03}"' for i in range(64)) for k in range(15)]
    lists = ",".join(f'["tag_in","id",[{names}]]' for names in many)
    came = attempt(policy=f'["policy",["or",{lists}],["zero"],["argmax"],["id"],["always",{{"action":"abort"}}]]')
    assert came.wrong == {}
    assert came.answer.policy.text.startswith('["policy"')
    assert Stated.of("big", rebuilt().policy.policy).text.startswith("policy {")


# --- trying ---------------------------------------------------------------------------------------------------


def attempt(**typed: str) -> Any:
    return tried(Form(**({"policy": GOOD.policy} | typed)), vocabulary=STANDARD, snapshot=shipped_snapshot())


def test_a_good_policy_is_answered_as_explain_answers() -> None:
    came = attempt(facts='{"needs": ["tools"]}')
    facts = read_facts({"needs": ["tools"]}, STANDARD)
    expected = decide(decision("support").program, shipped_snapshot(), facts)
    assert [entry.id for entry in came.answer.order] == [entry.id for entry in expected.ordered]
    assert "would be tried first" in said(PAGES["/ui/try/good"])
    assert "In order" in said(PAGES["/ui/try/good"])


def test_a_policy_can_be_typed_in_the_wire_syntax() -> None:
    term = '["policy", ["cmp", "price_out", "le", 1], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]'
    came = attempt(policy=term)
    assert came.answer is not None
    assert came.answer.policy.text.startswith("policy {")


def test_all_fields_are_looked_at_whatever_is_wrong_with_the_first() -> None:
    came = tried(BAD, vocabulary=STANDARD, snapshot=shipped_snapshot())
    assert came.answer is None
    assert {field: [one.code.code for one in wrong.found] for field, wrong in came.wrong.items()} == {
        "policy": ["PIR0401", "PIR0401"], "facts": ["PIR0712"], "seed": ["PIR0730"],
    }  # fmt: skip


def test_a_finding_is_shown_under_the_line_that_it_is_about() -> None:
    page = PAGES["/ui/try/bad"]
    assert 'aria-invalid="true"' in page
    assert 'aria-label="line 2, column 12"' in page
    lines = re.search(r'<pre class="caret"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert lines is not None
    above, below = (re.sub(r"<[^>]+>", "", line) for line in lines[1].split("\n"))
    assert below.rstrip().endswith("^" * len("supports_toolz"))
    assert above[below.index("^") :].startswith("supports_toolz")


@pytest.mark.parametrize("facts", ["{", "[]", "1", '"x"', "[" * 100_000, "9" * 5000, '{"needs": 1}'])
def test_facts_that_are_none_are_refused_with_a_finding(facts: str) -> None:
    for message in ("", "Hello"):
        assert attempt(facts=facts, message=message).wrong["facts"].found


@pytest.mark.parametrize("seed", ["x", "-1", "1.5", "9" * 17, str(2**53), "²"])
def test_a_seed_that_is_none_is_refused_with_a_finding(seed: str) -> None:
    assert [one.code.code for one in attempt(seed=seed).wrong["seed"].found] == ["PIR0730"]


def test_a_message_counts_as_it_does_in_a_call() -> None:
    short, long = (dict(attempt(message="x" * size).answer.request) for size in (3, 3000))
    assert (short["prompt_tokens"], long["prompt_tokens"]) == ("9 tokens", "1,008 tokens")


def test_an_empty_form_is_refused_kindly() -> None:
    assert [one.code.code for one in attempt(policy="").wrong["policy"].found] == ["PIR0005"]


def test_a_policy_that_the_host_does_not_run_is_refused() -> None:
    from policy_ir.diagnostics import Refused, codes

    def check(admitted: object) -> None:
        raise Refused.because(codes.NOT_A_POLICY, "not here")

    came = tried(GOOD, vocabulary=STANDARD, snapshot=shipped_snapshot(), check=check)
    assert [one.message for one in came.wrong["policy"].found] == ["not here"]


def test_a_trial_stands_under_the_floor() -> None:
    held = read_floor("filter price_out <= 0.0001", STANDARD)
    came = tried(GOOD, vocabulary=STANDARD, snapshot=shipped_snapshot(), floor=held)
    assert came.answer is not None
    assert any(cause.by_floor for cause in came.answer.causes)


def test_a_form_is_read_from_what_a_browser_sends() -> None:
    assert read_form({"policy": "a\r\nb", "seed": "1", "other": "x", "facts": b"?"}) == Form(policy="a\nb", seed="1")


# --- models, errors -------------------------------------------------------------------------------------------


def test_candidates_that_are_kept_away_come_first_and_say_why() -> None:
    text = said(models())
    assert "590 candidates, 4 of them kept away at the moment; 2 named policies." in text
    for words in ("breaker open for 23.4 s more", "half open a call is on its way", "provider off for 58 s more",
                  "2 failures in a row", "not called yet", "99%", "87.3", "412 ms"):  # fmt: skip
        assert words in text
    assert text.index("breaker open") < text.index("not called yet")


def test_a_candidate_can_be_found_by_name() -> None:
    page = models("gemini flash")
    rows = re.findall(r'<th scope="row"><a href="[^"]*">(.*?)</a>', page)
    assert rows
    assert all("gemini" in row and "flash" in row for row in rows)
    assert "No candidate is called that" in said(models("no such"))


def test_of_many_candidates_the_first_are_shown_and_the_others_counted() -> None:
    assert "2,300 more: find them by name" in said(models(size=2500))
    assert len(models(size=2500)) < 250_000


def test_a_named_policy_is_shown_with_its_text_and_the_way_to_try_it() -> None:
    outline = read(models())
    text = " ".join("".join(outline.text).split())
    assert "policy:support" in text
    assert "What we use for agents." in text
    assert ("a", {"href": "/ui/try?policy=support"}) in outline.tags
    assert ("a", {"href": "/?policy=support"}) in outline.tags
    assert decision("support").policy in "".join(outline.text)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "Sign in A key is due. Your browser asks for a name and a password."), (404, "Nothing is here"),
     (403, "Not from there"), (418, "That did not work")],
)  # fmt: skip
def test_an_error_page_says_what_to_do(status: int, words: str) -> None:
    text = said(error_page(status, "a key is due"))
    assert words in text
    assert str(status) in text


# --- words and axes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0, "0 ms"), (0.04, "0 ms"), (0.4, "0.4 ms"), (5, "5 ms"), (9.96, "10 ms"), (340.4, "340 ms"), (999.6, "1 s"),
     (1240, "1.24 s"), (9996, "10 s"), (12_340, "12.3 s"), (59_960, "1 min"), (125_000, "2 min 5 s"),
     (7_500_000, "2 h 5 min")],
)  # fmt: skip
def test_a_time_is_said_with_as_many_digits_as_matter(ms: float, words: str) -> None:
    assert duration(ms) == words


@pytest.mark.parametrize("whole", [1e-9, 0.7, 3.0, 99.0, 2621.0, 9_999.0, 60_000.2, 600_000.0, 3_600_000.0, 1e9])
def test_ticks_are_few_and_evenly_spaced_within_the_time(whole: float) -> None:
    found = ticks(whole)
    assert 2 <= len(found) <= 9
    assert found[0] == 0
    assert found[-1] <= whole * (1 + 1e-6)
    steps = {round((b - a) / whole, 9) for a, b in pairwise(found)}
    assert len(steps) == 1


def test_a_cost_that_nobody_knows_is_a_dash() -> None:
    one = attrs.evolve(trace(), cost=Cost())
    assert "no usage was told" in said(trace_page(one, visit=HERE))


def test_every_outcome_has_been_shown() -> None:
    from policy_ir.trace.record import OUTCOMES

    assert {one().outcome for one in KINDS.values()} == set(OUTCOMES)


def test_a_policy_that_came_with_its_call_is_the_callers_own() -> None:
    for name in (None, "*"):
        page = traces_page([attrs.evolve(trace(), policy_name=name)], filters=Filters(), visit=HERE)
        assert "caller’s own" in said(page)


# --- flows ----------------------------------------------------------------------------------------------------


def test_the_page_of_a_flow_shows_each_node_with_model_time_cost_and_outcome() -> None:
    text = said(flow_page_of("ok"))
    chosen = flow_trace().nodes[0].chosen or ""
    for word in ("fan-out-and-fuse", "quick", "thinker", "fuse", "passed its input on", "1.21 s", "USD 0.00213"):
        assert word in text
    assert chosen in text
    assert "passed on: overloaded" in text


def test_each_box_leads_to_the_section_of_its_node() -> None:
    page = flow_page_of("ok")
    for name in ("quick", "thinker", "fuse"):
        assert f'href="#node-{name}"' in page
        assert f'<section id="node-{name}">' in page
        assert f"?node={name}" in page


def test_a_node_that_was_not_run_is_in_the_picture_only() -> None:
    page = flow_page_of("failed")
    assert "not run" in page
    assert 'id="node-fuse"' not in page


def test_the_page_of_a_failed_flow_names_the_node_and_what_was_called_off() -> None:
    text = said(flow_page_of("failed"))
    assert "thinker failed" in text
    assert "after 2 attempts" in text
    assert "What was running beside it was called off." in text


def test_a_refused_flow_has_findings_and_no_graph() -> None:
    page = flow_page_of("refused")
    assert 'id="findings"' in page
    assert "<svg" not in page


def test_the_replay_of_a_flow_says_which_node_differs() -> None:
    assert "thinker: seed" in said(flow_page_of("ok", replayed=flow_replayed()))


def test_the_page_of_a_node_leads_back_to_its_flow() -> None:
    call = flow_trace().nodes[1]
    page = trace_page(call, visit=HERE)
    assert f'<a href="/ui/traces/{call.id}">the flow</a>' in page
    assert f'action="/ui/traces/{call.id}?node=thinker"' in page
    assert "its input was passed on" in said(page)


def test_a_node_that_failed_undecided_was_run_and_nobody_was_called_for_it() -> None:
    call = undecided("thinker")
    of_flow = attrs.evolve(flow_trace(), nodes=(flow_trace().nodes[0], call, flow_trace().nodes[2]))
    page = flow_page(of_flow, flow=flow_tree(), visit=HERE)
    assert '<section id="node-thinker">' in page
    assert "passed on: bad_request" in said(page)
    assert "a message has another form" in said(page)
    assert "not run" not in said(page)
    assert "?node=thinker" not in page.partition('<section id="node-thinker">')[2].partition("</section>")[0]
    assert "Nobody was called, and its input was passed on." in said(trace_page(call, visit=HERE))


def undecided(node: str) -> Trace:
    """The call of a node whose request was refused."""
    of_flow = flow_trace()
    return Trace(
        id=of_flow.id, at=of_flow.at, node=node, outcome="failed", reason="bad_request", status=400, passed=True,
        diagnostics=({"code": "PIR0801", "message": "a message has another form"},),
    )  # fmt: skip


def test_the_list_of_traces_shows_flows_by_name_with_the_attempts_of_all_nodes() -> None:
    text = said(traces_page([flow_trace()], filters=Filters(), visit=HERE))
    assert "flow:fan-out-and-fuse" in text
    assert re.search(r"\b4\b", text)


def test_traces_are_found_by_their_flow() -> None:
    page = traces_page([], filters=Filters(flow="triage"), flows=["triage"], visit=HERE)
    assert 'name="flow" value="triage"' in page
    assert "No trace is like that." in page


def test_a_flow_is_tried_with_whom_each_call_would_go_to_and_what_that_costs() -> None:
    form = Form(policy=flow_preset("draft-and-verify").text, message="Hello", facts='{"needs": ["tools"]}')
    made = tried(form, vocabulary=STANDARD, snapshot=shipped_snapshot())
    assert made.priced is not None
    assert [node.node for node in made.priced.estimate.nodes] == ["draft", "verify"]
    text = said(try_page(form, made, flows=["triage"], visit=HERE))
    for node in made.priced.estimate.nodes:
        assert node.candidate is not None
        assert node.candidate in text
    assert "2 calls would cost about" in text
    assert "flow:triage" in text


def test_what_is_wrong_with_a_flow_has_its_places_in_the_form() -> None:
    made = tried(Form(policy="flow {\n  input ask\n}\n"), vocabulary=STANDARD, snapshot=shipped_snapshot())
    assert {str(one.code) for one in made.wrong["policy"].found} == {"PIR1021"}


def test_a_flow_that_the_host_does_not_run_is_wrong() -> None:
    def never(admitted: object) -> None:
        raise Refused.because(codes.NOT_A_POLICY, "not here")

    form = Form(policy=flow_preset("plan-then-act").text)
    assert tried(form, vocabulary=STANDARD, snapshot=shipped_snapshot(), check=never).wrong


def test_what_the_router_does_not_carry_out_is_found_at_each_node_of_a_flow() -> None:
    calls = 'llm b(a) { policy p } llm c(b) { policy p } output d(c) policy p { mutate filter_text("RedactPII") }'
    form = Form(policy=f"flow {{ input a {calls} }}")
    came = tried(form, vocabulary=STANDARD, snapshot=shipped_snapshot(), check=refuse_directives_of)
    found = [(str(one.code), one.pointer) for one in came.wrong["policy"].found]
    assert found == [("PIR0925", "/1/b/1/policy/4"), ("PIR0925", "/1/c/1/policy/4")]
