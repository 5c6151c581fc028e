"""Decisions for people: words with units, sentences that name the clause, and one page that needs nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from math import inf, nan
from typing import Any

import pytest

from policy_ir.admission import admit_policy
from policy_ir.decision import Decision, decide
from policy_ir.explanation import explain
from policy_ir.facts import read_facts
from policy_ir.floor import effective, read_floor
from policy_ir.report import wording
from policy_ir.report.answer import Answer
from policy_ir.report.gather import answer_of
from policy_ir.report.listing import Mark, listing
from policy_ir.report.page import html_page
from policy_ir.report.picture import SLIM, WIDE, picture
from policy_ir.report.pieces import order, refusals
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.syntax import parse
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
POLICY = """\
policy {
  filter   FILTER
  rank     RANK
  select   SELECT
}
"""


def model(name: str, price: float | None = None, /, **given: Any) -> Candidate:
    fields = {"price_in": price, "price_out": price, "context": 100_000, **given.pop("fields", {})}
    return Candidate(id=name, provider=name.partition("/")[0], family=name, fields=fields, **given)


TOKENS = {"prompt_tokens": 1000, "completion_tokens": 100}
MODELS = [
    model("a/dear", 30),
    model("a/cheap", 2, capabilities=["supports_tools"]),
    model("b/fair", 5, capabilities=["supports_tools"]),
    model("b/free", 0, fields={"region": "eu"}),
    model("c/unpriced", tier="partner"),
]


def decided(
    filter: str = "top",
    rank: str = "neg(price_out)",
    select: str = "argmax",
    models: list[Candidate] | None = None,
    facts: dict[str, Any] | None = None,
    floor: str | None = None,
    seed: int | None = None,
) -> Decision:
    text = POLICY.replace("FILTER", filter).replace("RANK", rank).replace("SELECT", select)
    document = parse(text, name="test.policy")
    assert document.term is not None
    admitted = admit_policy(document.term, STANDARD, document=document)
    held = read_floor(floor, STANDARD, name="floor.policy") if floor else None
    snapshot = Snapshot.take(CandidateList(MODELS if models is None else models), STANDARD)
    return decide(effective(admitted, held), snapshot, read_facts(facts or {}, STANDARD), seed)


def answer(*given: Any, **options: Any) -> Answer:
    return answer_of(explain(decided(*given, **options)))


def why(*given: Any, **options: Any) -> str:
    return " ".join(answer(*given, **options).why)


# --- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (14.0, "14"), (1.75, "1.75"), (272_000.0, "272,000"), (0.1 + 0.2, "0.3"), (1234567.5, "1,234,567.5"),
        (-1234.5, "-1,234.5"), (0.0, "0"), (0.00021, "0.00021"), (1e-9, "1e-09"), (1e300, "1e+300"), (inf, "inf"),
        (-inf, "-inf"), (nan, "undefined"), (-0.5, "-0.5"),
    ],
)  # fmt: skip
def test_a_number_is_short_and_has_its_thousands_parted(value: float, said: str) -> None:
    assert wording.number(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.5, "0.500"), (0.0, "0.000"), (0.0001, "0.0001"), (1e9, "1,000,000,000"), (nan, "undefined"),
                        (12.3456, "12.346")],
)  # fmt: skip
def test_a_score_has_three_decimals_where_that_says_something(value: float, said: str) -> None:
    assert wording.score(value) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (14.0, "USD/Mtok", "USD 14 per Mtok"), (0.002, "USD", "USD 0.002"), (272_000.0, "tokens", "272,000 tokens"),
        (12.0, "ms", "12 ms"), (0.5, "ratio", "0.5"), (3.0, None, "3"), (True, None, "yes"), (False, None, "no"),
        ("eu", None, "eu"), (("a", "b"), None, "a, b"), ((), None, "none"), (None, "ms", "not known"),
    ],
)  # fmt: skip
def test_an_amount_has_its_unit(value: object, unit: str | None, said: str) -> None:
    assert wording.amount(value, unit) == said


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        ((1.75, 14.0), "USD 1.75 / 14 per Mtok"), ((0.0, 0.0), "free"), ((None, None), "price not known"),
        ((1.0, None), "USD 1 / ? per Mtok"), ((None, inf), "USD ? / ? per Mtok"),
    ],
)  # fmt: skip
def test_a_price_is_of_input_and_output(prices: tuple[float | None, float | None], said: str) -> None:
    assert wording.price(*prices) == said


def test_what_a_call_costs_is_known_or_not() -> None:
    assert wording.cost(0.0021) == "USD 0.0021"
    assert wording.cost(None) == wording.cost(inf) == "not known"


def test_a_count_has_its_noun() -> None:
    assert (wording.counted(1, "candidate"), wording.counted(2000, "candidate")) == ("1 candidate", "2,000 candidates")


# --- why -----------------------------------------------------------------------------------------------------


def test_the_highest_score_is_given_with_the_next() -> None:
    said = why()
    assert "It has the highest score of the 5 candidates that the filter accepts, of 5: 1.000." in said
    assert "`a/cheap` follows with -1.000." in said


def test_what_puts_the_first_ahead_is_named_in_the_authors_words() -> None:
    said = why("price_out <= 10", "0.9 * neg(normalize(price_out)) + 0.1 * normalize(price_in)")
    assert "What puts it ahead is `0.9 * neg(normalize(price_out))` (+0.36)" in said
    assert "`0.1 * normalize(price_in)` (-0.04) speaks for `a/cheap`" in said


def test_a_preference_is_named_and_the_better_score_of_the_next_too() -> None:
    said = why(select='prefer(provider == "b", argmax)', filter="price_out >= 1")
    assert "It is preferred to `a/cheap`, the next of the 4 candidates" in said
    assert 'by `provider == "b"`.' in said
    assert "By its score alone, -4.000, it would come after `a/cheap` with -1.000." in said


def test_a_chain_gives_its_own_order() -> None:
    said = why(select='chain("b": "b/fair", "a": "a/dear")')
    assert "It stands before `a/dear` in the chain" in said


def test_a_draw_says_with_which_seed() -> None:
    assert "It is drawn first without a seed" in why(select="sample(2)")
    assert "It is drawn first with the seed 7" in why(select="sample(2)", seed=7)


def test_a_tie_is_broken_by_the_catalogue() -> None:
    assert "Nothing in the policy tells it from `a/cheap`" in why(rank="zero")
    assert "it stands earlier in the catalogue" in why(select="ordered")


def test_the_only_one_is_said_to_be_the_only_one() -> None:
    assert why("price_out == 5") == "It is the only candidate that the filter accepts, of 5."
    assert why(select="top_k(1, argmax)") == (
        "It is the one that `top_k` leaves of the 5 candidates that the filter accepts, of 5."
    )


def test_nobody_is_left_for_a_reason() -> None:
    assert why("bot") == "The filter refuses all 5 candidates."
    assert why(models=[]) == "The catalogue is empty."
    assert why(select='chain("z": "z")') == "The filter accepts 5 candidates of 5, and the selector cuts all of them."
    assert why("price_out == 5", select='chain("z": "z")').endswith("and the selector cuts it.")


# --- refusals ------------------------------------------------------------------------------------------------


def only_cause(*given: Any, **options: Any) -> Any:
    (cause,) = answer(*given, **options).causes
    return cause


@pytest.mark.parametrize(
    ("filter", "sentence", "observed", "needs"),
    [
        ("price_out <= 5", "`price_out` must be at most USD 5 per Mtok", "`price_out` is USD 30 per Mtok",
         "`price_out` to be at most USD 5 per Mtok, or a bound of at least USD 30 per Mtok in the policy"),
        ("price_out < 5", "`price_out` must be less than USD 5 per Mtok", "`price_out` is USD 30 per Mtok",
         "`price_out` to be less than USD 5 per Mtok, or a bound of more than USD 30 per Mtok in the policy"),
        ("price_out != 30", "`price_out` must not be USD 30 per Mtok", "`price_out` is USD 30 per Mtok",
         "`price_out` not to be USD 30 per Mtok, or USD 30 per Mtok no longer excluded by the policy"),
        ('provider == "b"', "`provider` must be `b`", "`provider` is `a`",
         "`provider` to be `b`, or `a` allowed by the policy"),
        ('provider in {"b", "c"}', "`provider` must be `b` or `c`", "`provider` is `a`",
         "`provider` to be `b` or `c`, or `a` allowed by the policy"),
        ('provider != "a"', "`provider` must not be `a`", "`provider` is `a`",
         "`provider` not to be `a`, or `a` no longer excluded by the policy"),
        ('has_cap("vision")', "the capability `vision` is required", "no capability `vision`",
         "the capability `vision`"),
        ('not has_cap("supports_tools")', "the capability `supports_tools` is excluded", "capabilities",
         "no capability `supports_tools`"),
        ('region in {"us"}', "`region` must be `us`", "`region` is not known", "`region` to be `us`"),
        ("known(region)", "`region` must be known", "`region` is not known", "`region` to be known"),
        ("not known(price_out)", "`price_out` must not be known", "`price_out` is USD 30 per Mtok",
         "`price_out` not to be known"),
        ("disabled", "`disabled` must be true", "`disabled` is not known, and taken as false",
         "`disabled` to be true"),
        ("tier >= partner", "`tier` must be at least `partner`", "`tier` is `fallback`",
         "`tier` to be at least `partner`, or a bound of at most `fallback` in the policy"),
        ("test(2 * price_out <= 50)", "`2 * price_out` must be at most 50", "`2 * price_out` is 60",
         "`2 * price_out` to be at most 50, or a bound of at least 60 in the policy"),
        ("test(price_out <= 5)", "`price_out` must be at most USD 5 per Mtok", "`price_out` is USD 30 per Mtok",
         "`price_out` to be at most USD 5 per Mtok, or a bound of at least USD 30 per Mtok in the policy"),
        ("bot", "nothing is accepted here", "refused whatever it shows", "another term"),
        ("not top", "nothing is accepted here", "refused whatever it shows", "another term"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_asked_what_is_seen_and_what_is_needed(
    filter: str, sentence: str, observed: str, needs: str
) -> None:
    only = [MODELS[0]] if "supports_tools" not in filter else [MODELS[1]]
    cause = only_cause(filter, models=only)
    (finding,) = cause.findings
    assert cause.sentence == sentence
    assert observed in finding.observed
    assert finding.changes == (needs,)


def test_every_clause_that_refuses_is_needed_and_alternatives_are_alternatives() -> None:
    cause = only_cause('price_out <= 5 and (provider == "z" or context >= 200_000)', models=[MODELS[0]])
    (finding,) = cause.findings
    assert len(finding.changes) == 2
    assert any(
        change.startswith("`provider` to be `z`, or") or "`context` to be at least 200,000 tokens, or" in change
        for change in finding.changes
    )
    both = only_cause('provider == "z" or (price_out <= 5 and context >= 200_000)', models=[MODELS[0]])
    assert " together with " in both.findings[0].changes[0]


def test_what_the_request_requires_can_change_in_the_request() -> None:
    facts = {"needs": ["tools"], "min_context": 200_000, "privacy": "no_log"}
    cause = only_cause("meets_req", models=[MODELS[0]], facts=facts)
    (finding,) = cause.findings
    assert cause.sentence == "the capability `supports_tools` is required"
    assert finding.changes[0] == "the capability `supports_tools`, or a request that does not need `tools`"
    assert finding.changes[1] == (
        "`context` to be at least 200,000 tokens, or a request whose `min_context` is at most 100,000 tokens"
    )
    assert "or a request whose `privacy` is not `no_log`" in finding.changes[2]


def test_causes_are_by_clause_and_point_at_it_the_largest_first() -> None:
    told = answer("supports_tools and price_out <= 2")
    assert [(len(cause.findings), cause.reason) for cause in told.causes] == [
        (3, "is:supports_tools"),
        (1, "cmp:price_out:le"),
    ]
    place = told.causes[1].place
    assert place is not None
    assert (place.at, place.text) == ("test.policy:2:31", "price_out <= 2")
    assert told.refused == 4


def test_a_vague_reason_is_labelled_by_its_clause() -> None:
    assert only_cause("not supports_tools", models=MODELS[1:3]).label == "not supports_tools"
    assert only_cause("price_out <= 1", models=MODELS[1:3]).label == "cmp:price_out:le"


def test_the_floor_answers_for_what_it_refuses() -> None:
    told = answer("price_out <= 20", floor="filter price_out <= 2")
    floor = next(cause for cause in told.causes if cause.by_floor)
    assert floor.place is not None
    assert (floor.place.source, floor.place.at) == ("floor", "floor.policy:1:8")
    assert "in the floor" in floor.findings[0].changes[0]


# --- scores --------------------------------------------------------------------------------------------------


def test_the_score_is_divided_as_its_author_wrote_it() -> None:
    told = answer("price_out <= 10", "0.7 * neg(normalize(price_out)) + 0.3 * normalize(context) + call_cost")
    tops = [part for part in told.parts if part.depth == 0]
    assert [part.label for part in tops] == ["0.7 * neg(normalize(price_out))", "0.3 * normalize(context)", "call_cost"]
    assert [entry.id for entry in told.compared] == ["b/free", "a/cheap", "b/fair"]
    for column, entry in enumerate(told.compared):
        assert sum(part.values[column] for part in tops) == pytest.approx(entry.score)
    below = {part.label: part.texts for part in told.parts if part.depth == 1}
    assert below["price_out"][1] == "USD 2 per Mtok"
    assert "prompt_tokens" not in below


def test_what_is_not_known_is_said_beside_what_it_is_taken_as() -> None:
    told = answer(rank="latency_ms")
    assert told.parts[1].texts[0] == "not known (inf)"


def test_a_chain_has_no_parts() -> None:
    assert answer(select='chain("a": "a/dear", "b": "b/fair")').parts == ()


# --- the page ------------------------------------------------------------------------------------------------


VOID = {"meta", "link", "wbr", "input", "br"}


class Outline(HTMLParser):
    """Checks that tags are closed in order, and collects attributes, classes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)


def read(page: str) -> Outline:
    outline = Outline()
    outline.feed(page)
    outline.close()
    assert outline.open == []
    return outline


def page(*given: Any, **options: Any) -> str:
    return html_page(answer(*given, **options))


CASES: list[dict[str, Any]] = [
    {},
    {"filter": "supports_tools and price_out <= 2"},
    {"filter": "bot"},
    {"models": []},
    {"rank": "0.7 * neg(normalize(price_out)) + 0.3 * normalize(context)"},
    {"rank": "zero", "select": "ordered"},
    {"rank": "call_cost", "facts": {"fields": TOKENS}},
    {"select": 'chain("a": "a/dear")'},
    {"select": "top_k(2, argmax)", "floor": "filter price_out <= 20", "seed": 3},
    {"rank": "price_out + -1 * latency_ms"},
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_page_is_well_formed_and_asks_for_nothing_from_outside(case: dict[str, Any]) -> None:
    text = page(**case)
    outline = read(text)
    for tag, attributes in outline.tags:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form")
        assert "src" not in attributes
        for name in ("href", "action", "data", "poster", "srcset"):
            assert (attributes.get(name) or "data:").startswith("data:"), (tag, attributes)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert "url(" not in text
    assert "@import" not in text
    policies = [a["content"] for tag, a in outline.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies
    assert "default-src 'none'" in (policies[0] or "")


def test_the_page_has_every_candidate_its_score_and_its_fate() -> None:
    outline = read(page("price_out <= 5", select="top_k(2, argmax)"))
    rows = {attributes.get("data-id") for tag, attributes in outline.tags if tag == "tr"} - {None}
    assert rows == {candidate.id for candidate in MODELS}
    text = "".join(outline.text)
    assert "`" not in text
    assert "3 of 5" in text
    assert "cut: top_k" in text
    assert "refuses 2" in text
    assert "decides" in text


def test_the_page_shows_the_term_with_the_deciding_clauses_marked() -> None:
    text = page("price_out <= 5 and not disabled")
    assert re.search(r'<span class="no"[^>]*>price_out &lt;= </span><span class="no t-number"[^>]*>5</span>', text)
    assert '<span class="rank"' in text
    assert re.search(r'<li id="L2"><span class="ln">2</span>', text)


def test_the_page_marks_the_floors_own_text() -> None:
    text = page(floor="filter price_out <= 2")
    assert '<h3 class="file">floor.policy</h3>' in text
    assert "the host’s floor" in text


def test_the_page_has_the_fingerprints_the_request_and_the_seed() -> None:
    decision = decided(facts={"needs": [], "fields": {"prompt_tokens": 3000}}, seed=11)
    text = "".join(read(html_page(answer_of(explain(decision)))).text)
    for digest in (
        decision.policy,
        decision.vocabulary,
        decision.snapshot_fingerprint,
        decision.facts,
        decision.fingerprint,
    ):
        assert digest in text
    assert "3,000 tokens" in text
    assert "11" in text


def test_the_same_decision_gives_the_same_page() -> None:
    assert page(seed=1) == page(seed=1)


def test_names_and_texts_of_others_do_no_harm() -> None:
    evil = '"><script>alert(1)</script>&`${x}'
    text = page(f'provider != "{evil}"'.replace('"><', '\\"><'), models=[model(evil, 1), model("</style>", 2)])
    outline = read(text)
    assert [tag for tag, _ in outline.tags].count("script") == 1
    assert "<script>alert" not in text
    assert evil in "".join(outline.text)


def test_a_page_without_a_script_hides_nothing() -> None:
    outline = read(page("price_out <= 5"))
    hidden = [attributes for _, attributes in outline.tags if "hidden" in attributes]
    assert all("filter" in (attributes.get("class") or "") for attributes in hidden)


# --- the picture ---------------------------------------------------------------------------------------------


def dots(svg: str) -> dict[str, tuple[str, float, float]]:
    found = re.findall(
        r'<g class="dot (\w+)" data-id="([^"]*)">.*?<circle cx="([\d.]+)" cy="([\d.]+)" r="[\d.]+"/><title>', svg
    )
    return {name: (kind, float(x), float(y)) for kind, name, x, y in found}


@pytest.mark.parametrize("layout", [WIDE, SLIM])
def test_the_picture_places_survivors_by_price_and_score(layout: Any) -> None:
    placed = dots(picture(answer(rank="neg(price_out)"), layout))
    assert placed["b/free"][0] == "chosen"
    xs = [placed[name][1] for name in ("b/free", "a/cheap", "b/fair", "a/dear", "c/unpriced")]
    assert xs == sorted(xs)
    ys = [placed[name][2] for name in ("b/free", "a/cheap", "b/fair", "a/dear")]
    assert ys == sorted(ys)
    assert all(0 <= x <= layout.width for x in xs)


def test_the_price_axis_is_logarithmic() -> None:
    placed = dots(picture(answer(models=[model("x/one", 1), model("x/ten", 10), model("x/hundred", 100)]), WIDE))
    one, ten, hundred = (placed[name][1] for name in ("x/one", "x/ten", "x/hundred"))
    assert ten - one == pytest.approx(hundred - ten, abs=0.3)


def test_the_picture_has_a_lane_for_each_reason_with_all_its_candidates() -> None:
    svg = picture(answer("supports_tools and price_out <= 2"), WIDE)
    strokes = re.findall(r'<g class="stroke" data-id="([^"]*)">', svg)
    assert sorted(strokes) == ["a/dear", "b/fair", "b/free", "c/unpriced"]
    assert re.findall(r'class="count"[^>]*>(\d+)<', svg) == ["3", "1"]


def test_many_reasons_share_the_last_lane() -> None:
    models = [model(f"p{n}/m", n + 1) for n in range(12)]
    conditions = " and ".join(f'provider != "p{n}"' for n in range(12))
    svg = picture(answer(conditions, models=models), WIDE)
    assert len(re.findall(r'class="lane"', svg)) == 8
    assert "5 other reasons" in svg
    assert len(re.findall(r'class="stroke"', svg)) == 12


def test_what_the_selector_cuts_has_its_score_only_where_the_order_has_the_same_kind() -> None:
    ranked = picture(answer(select="top_k(2, argmax)"), WIDE)
    assert [kind for kind, _, _ in dots(ranked).values()].count("cut") == 3
    chained = picture(answer(select='chain("a": "a/dear")'), WIDE)
    assert len(dots(chained)) == 1
    assert ">cut by chain<" in chained
    assert chained.count('class="stroke cut"') == 4


def test_the_cost_of_the_call_is_the_axis_where_it_is_known() -> None:
    assert "output, USD per Mtok" in picture(answer(), WIDE)
    assert "cost of this call, USD" in picture(answer(facts={"fields": TOKENS}), WIDE)


@pytest.mark.parametrize("rank", ["zero", "latency_ms", "latency_ms + -1 * price_in", "1e308 * price_out"])
def test_odd_scores_stay_in_the_picture(rank: str) -> None:
    placed = dots(picture(answer(rank=rank), WIDE))
    assert len(placed) == 5
    assert all(0 <= y <= 500 for _, _, y in placed.values())


# --- the listing ---------------------------------------------------------------------------------------------


def test_a_listing_has_every_line_and_its_text_unchanged() -> None:
    text = 'one # a comment\n\ttwo "<b>" 3.5\n\nthree\n'
    outline = read(listing(text, [Mark(0, 40, "no", "here")]))
    lines = "".join(outline.text)
    assert [attributes.get("id") for tag, attributes in outline.tags if tag == "li"] == ["L1", "L2", "L3", "L4"]
    for word in ("one ", "# a comment", "\ttwo ", '"<b>"', "3.5", "three"):
        assert word in lines


def test_marks_over_several_lines_leave_indentation_alone_and_are_noted_once() -> None:
    shown = listing("a +\n    b", [Mark(0, 9, "rank", "decides", "why")])
    assert shown.count(">decides<") == 1
    assert '<code>    <span class="rank" title="why">b</span></code>' in shown


def test_notes_of_a_line_stand_in_its_order() -> None:
    shown = listing("a and b", [Mark(6, 7, "no", "second"), Mark(0, 1, "no", "first")])
    assert shown.index("first") < shown.index("second")


def test_marks_may_overlap() -> None:
    shown = listing("abcdef", [Mark(0, 4, "no"), Mark(2, 6, "rank")])
    assert '<span class="no">ab</span><span class="no rank">cd</span><span class="rank">ef</span>' in shown


def test_what_cannot_be_printed_is_not_printed() -> None:
    assert "\x1b" not in listing("a\x1b[31m", [])


# --- many candidates -----------------------------------------------------------------------------------------


def test_a_table_with_a_limit_counts_what_it_leaves_out() -> None:
    told = answer("price_out <= 5", select="top_k(2, argmax)")
    assert "and 2 more" in order(told, limit=1)
    assert "more</p>" not in order(told, limit=3)
    assert "and 1 more" in refusals(told, limit=1)
    assert refusals(told, limit=1).count("<tr data-id") == len(told.causes)


def test_remarks_stand_beside_the_candidates_they_are_about() -> None:
    shown = order(answer(), remarks={"b/fair": "<b>tried</b>"})
    assert re.search(r"b/<wbr>fair<b>tried</b></th>", shown)
    assert shown.count("tried</b>") == 1


def test_a_terse_picture_has_all_strokes_and_fewer_words() -> None:
    models = [model(f"a/m{i}", i) for i in range(1, 300)]
    told = answer("price_out <= 150", models=models)
    whole, terse = picture(told, WIDE), picture(told, WIDE, terse=True)
    assert len(terse) < len(whole) / 1.5
    assert terse.count("<circle") == whole.count("<circle")
    assert len(re.findall(r"M\d+ ", terse)) > 60
    assert terse.count("<title>") < 110


def test_a_picture_without_survivors_has_no_scatter() -> None:
    drawn = picture(answer("price_in >= 3 and price_in <= 1"), WIDE)
    assert "score ↑" not in drawn
    assert int(re.search(r'height="(\d+)"', drawn)[1]) < 200  # type: ignore[index]
    assert drawn.count('class="stroke"') == len(MODELS)
