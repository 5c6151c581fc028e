"""Backtests: who would have come first, what that would have cost, and who would have been refused."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from histories import (
    BEST,
    CHEAP,
    NOBODY,
    NOON,
    STANDARD,
    TOOLS,
    Kept,
    admitted,
    answered,
    called,
    refused_call,
    snapshot,
)

from policy_ir.floor import read_floor
from policy_ir.trace import backtest as module
from policy_ir.trace.backtest import Backtest, Compared, backtest
from policy_ir.trace.record import Hop
from policy_ir.trace.replay import LISTED
from policy_ir.trace.timeline import Timeline
from policy_ir.vocabulary import extend

UNPRICED = 'policy { filter id in {"d/sloe"} }'


def with_instead(kept: Kept, text: str) -> Backtest:
    return backtest(kept, kept.traces, admitted(text))


def only(found: Backtest) -> Compared:
    (one,) = found.listed
    return one


def failed(candidate: str, **more: Any) -> Hop:
    return answered(candidate, outcome="failed", reason="server_error", basis="none", **more)


# --- who comes first -----------------------------------------------------------------------------------------


def test_the_policy_that_a_call_came_with_changes_nothing() -> None:
    kept = Kept()
    for text in (CHEAP, CHEAP, CHEAP):
        called(kept, admitted(text), snapshot(), seed=3)
    found = with_instead(kept, CHEAP)
    assert (found.traces, found.compared, found.changed, found.emptied, found.filled) == (3, 3, 0, 0, 0)
    assert found.cost.difference == 0
    assert found.ranked_pairs() == []
    assert found.firsts() == [("c/fig", 3, 3)]


def test_another_policy_is_decided_over_the_catalogue_state_and_seed_of_each_call() -> None:
    kept = Kept()
    called(kept, admitted(BEST), snapshot())
    called(kept, admitted(BEST), snapshot().with_state({"c/fig": {"breaker_open": True}}))
    called(kept, admitted(BEST), snapshot(0.01))
    found = with_instead(kept, CHEAP)
    assert [(one.then, one.now) for one in found.listed] == [
        ("a/plum", "c/fig"), ("a/plum", "b/pear"), ("a/plum", "c/fig"),
    ]  # fmt: skip
    rows = [(then, now, pair.calls) for then, now, pair in found.ranked_pairs()]
    assert rows == [("a/plum", "c/fig", 2), ("a/plum", "b/pear", 1)]
    assert found.firsts() == [("a/plum", 3, 0), ("c/fig", 0, 2), ("b/pear", 0, 1)]


def test_the_floor_of_a_call_holds_for_the_other_policy_too() -> None:
    kept = Kept()
    floor = read_floor({"filter": ["is", "supports_tools"]}, STANDARD)
    called(kept, admitted(BEST), snapshot(), floor=floor)
    assert only(with_instead(kept, CHEAP)).now == "b/pear"


def test_the_seed_of_a_call_draws_for_the_other_policy_too() -> None:
    kept = Kept()
    for seed in range(60):
        called(kept, admitted(NOBODY), snapshot(), seed=seed)
    drawn = "policy { filter price_out <= 100 rank zero select sample(5) }"
    first = [(one.now) for one in with_instead(kept, drawn).listed]
    assert len(set(first)) == 3
    assert [one.now for one in with_instead(kept, drawn).listed] == first


def test_who_is_refused_now_is_told_with_the_reason() -> None:
    kept = Kept()
    called(kept, admitted(CHEAP), snapshot())
    called(kept, admitted(BEST), snapshot())
    found = with_instead(kept, TOOLS)
    assert found.ranked_refusals() == [("a/plum", "cmp:price_out:le", 1), ("c/fig", "is:supports_tools", 1)]
    assert [(one.fate, one.why) for one in found.listed] == [
        ("refused", "is:supports_tools"),
        ("refused", "cmp:price_out:le"),
    ]


def test_who_is_only_outranked_or_cut_is_not_called_refused() -> None:
    kept = Kept()
    called(kept, admitted(BEST), snapshot())
    assert (only(with_instead(kept, CHEAP)).fate, only(with_instead(kept, CHEAP)).why) == ("outranked", "c/fig")
    cut = only(with_instead(kept, "policy { filter price_out <= 100 rank neg(price_out) select top_k(1, argmax) }"))
    assert (cut.fate, cut.why) == ("cut", "top_k")
    assert with_instead(kept, CHEAP).refused == {}


def test_calls_that_lose_their_only_candidate_and_calls_that_gain_one_are_counted() -> None:
    kept = Kept()
    called(kept, admitted(CHEAP), snapshot())
    lost = with_instead(kept, NOBODY)
    assert (lost.emptied, lost.filled, only(lost).now, only(lost).usd_now) == (1, 0, None, 0.0)
    kept = Kept()
    called(kept, admitted(NOBODY), snapshot())
    gained = with_instead(kept, CHEAP)
    assert (gained.emptied, gained.filled, only(gained).then, only(gained).fate) == (0, 1, None, None)


# --- what it costs -------------------------------------------------------------------------------------------


def test_the_tokens_that_the_provider_counted_are_priced_at_the_other_candidate() -> None:
    kept = Kept()
    called(kept, admitted(BEST), snapshot(), hops=[answered("a/plum", usd=0.0036, tokens=(1000, 200))])
    one = only(with_instead(kept, TOOLS))
    assert (one.then, one.now, one.basis) == ("a/plum", "b/pear", "usage")
    assert one.usd_then == 0.0036
    assert one.usd_now == pytest.approx((1000 * 0.5 + 200 * 2) / 1e6)


def test_only_the_tokens_of_the_answer_are_priced_elsewhere_but_all_hops_were_paid() -> None:
    kept = Kept()
    hops = [
        answered("a/plum", usd=0.5, tokens=(9, 9), outcome="failed", number=0),
        answered("b/pear", usd=0.0009, tokens=(1000, 200), number=1, position=1),
    ]
    called(kept, admitted(BEST), snapshot(), hops=hops)
    one = only(with_instead(kept, TOOLS))
    assert one.usd_then == pytest.approx(0.5009)
    assert one.usd_now == pytest.approx(0.0009)


def test_where_the_first_candidate_stays_the_call_costs_what_it_did_failover_and_all() -> None:
    kept = Kept()
    called(kept, admitted(BEST), snapshot(), hops=[failed("a/plum"), answered("b/pear", usd=0.25, tokens=(10, 10))])
    found = with_instead(kept, "policy { filter price_out <= 90 rank price_out }")
    assert (found.changed, found.cost.then, found.cost.now) == (0, 0.25, 0.25)


def test_a_call_without_an_answer_is_priced_by_the_tokens_that_its_facts_expect() -> None:
    kept = Kept()
    called(kept, admitted(BEST), snapshot(), hops=[failed("a/plum")], outcome="failed", status=502)
    one = only(with_instead(kept, TOOLS))
    assert (one.usd_then, one.basis) == (0.0, "estimate")
    assert one.usd_now == pytest.approx((1000 * 0.5 + 100 * 2) / 1e6)


def test_an_answer_that_was_cut_off_is_priced_as_far_as_it_came() -> None:
    kept = Kept()
    hop = answered("a/plum", usd=0.001, tokens=(100, 7), outcome="failed", basis="estimate")
    called(kept, admitted(BEST), snapshot(), hops=[hop], outcome="interrupted")
    one = only(with_instead(kept, TOOLS))
    assert one.usd_now == pytest.approx((100 * 0.5 + 7 * 2) / 1e6)
    assert one.basis == "estimate"


def test_the_weaker_basis_of_both_costs_counts() -> None:
    kept = Kept()
    called(kept, admitted(BEST), snapshot(), hops=[answered("a/plum", usd=0.1, tokens=(1, 1), basis="estimate")])
    called(kept, admitted(BEST), snapshot(), hops=[answered("a/plum", usd=0.1, tokens=(1, 1), basis="usage")])
    found = with_instead(kept, TOOLS)
    assert {basis: one.calls for basis, one in found.costs.items()} == {"estimate": 1, "usage": 1}
    assert found.cost.calls == 2
    assert found.cost.then == pytest.approx(0.2)


def test_a_call_whose_cost_is_not_known_is_left_out_of_the_sums_and_counted() -> None:
    kept = Kept()
    called(kept, admitted(BEST), snapshot())
    found = with_instead(kept, UNPRICED)
    assert (only(found).now, only(found).usd_now, only(found).basis) == ("d/sloe", None, "none")
    assert (found.unpriced, found.cost.calls, found.cost.then) == (1, 0, 0.0)
    kept = Kept()
    called(kept, admitted(UNPRICED), snapshot())
    found = with_instead(kept, BEST)
    assert (only(found).usd_then, found.unpriced, found.cost.calls) == (None, 1, 0)


def test_a_call_whose_facts_expect_no_number_of_tokens_and_that_had_no_answer_has_no_cost() -> None:
    kept = Kept()
    called(kept, admitted(BEST), snapshot(), facts={}, hops=[])
    assert with_instead(kept, TOOLS).unpriced == 1


def test_a_candidate_that_is_free_costs_nothing_which_is_known() -> None:
    kept = Kept()
    called(kept, admitted(BEST), snapshot())
    found = with_instead(kept, CHEAP)
    assert (only(found).usd_now, found.unpriced) == (0.0, 0)
    assert found.cost.difference == pytest.approx(-0.0028)


# --- what cannot be compared ---------------------------------------------------------------------------------


def test_refused_calls_and_damaged_ones_are_counted_apart_and_end_nothing() -> None:
    kept = Kept()
    called(kept, admitted(CHEAP), snapshot())
    refused_call(kept)
    broken = called(kept, admitted(CHEAP), snapshot(2.0))
    del kept.parts["catalogue", str(broken.catalogue)]
    found = with_instead(kept, BEST)
    assert (found.traces, found.compared, found.undecided, found.damaged) == (3, 1, 1, 1)
    ((id, diagnostics),) = found.findings
    assert (id, [one.code.code for one in diagnostics]) == (broken.id, ["PIR0931"])


def test_a_policy_is_admitted_again_under_each_vocabulary_of_the_history() -> None:
    kept = Kept()
    gold = extend(STANDARD, {"vocabulary": 1, "name": "own", "fields": {
        "carbon": {"sort": "num", "default": 0, "source": "catalogue"}}}, "own")  # fmt: skip
    called(kept, admitted(CHEAP), snapshot())
    called(kept, admitted(CHEAP, gold), snapshot(1.0, gold))
    found = backtest(kept, kept.traces, admitted("policy { filter carbon <= 1 rank price_out }", gold))
    assert (found.compared, found.inadmissible) == (1, 1)
    assert found.findings[0][0] == kept.traces[0].id
    assert found.findings[0][1][0].code.code == "PIR0401"


# --- of bounded size -----------------------------------------------------------------------------------------


def test_pairs_beyond_the_bound_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PAIRS", 2)
    found = Backtest(policy="p")
    one = Compared(
        id="x", at=NOON, then="a", now="b", fate="refused", why="w", usd_then=1.0, usd_now=2.0, basis="usage"
    )
    for now in "bcdeb":
        found.add(attrs.evolve(one, now=now, then=now.upper()))
    assert (len(found.pairs), len(found.refused), found.others.calls, found.changed) == (2, 2, 2, 5)
    assert found.cost.calls == 5


def test_of_many_changed_calls_some_are_listed() -> None:
    kept = Kept()
    trace = called(kept, admitted(CHEAP), snapshot())
    seen: list[str] = []
    other = admitted(BEST)
    found = backtest(kept, (trace for _ in range(LISTED + 1)), other, on_each=lambda one: seen.append(one.id))
    assert (found.changed, len(found.listed), len(seen)) == (LISTED + 1, LISTED, LISTED + 1)


def test_a_timeline_keeps_its_course_in_few_points() -> None:
    timeline = Timeline(most=16)
    for second in range(1000):
        timeline.add(second, 1.0, 2.0)
    assert len(timeline.points) <= 17
    assert timeline.points[-1] == (999, 1000.0, 2000.0)
    assert all(point.now == 2 * point.then == 2 * (point.at + 1) for point in timeline.points)


def test_a_timeline_never_goes_back() -> None:
    timeline = Timeline()
    for at in (5, 3, 9):
        timeline.add(at, 1, 1)
    assert [point.at for point in timeline.points] == [5, 5, 9]


def test_a_backtest_as_json_has_its_totals_pairs_and_caveat() -> None:
    kept = Kept()
    called(kept, admitted(BEST), snapshot())
    told = json.loads(json.dumps(with_instead(kept, TOOLS).to_json(), allow_nan=False))
    assert told["policy"] == admitted(TOOLS).fingerprint
    assert (told["compared"], told["changed"], told["first"], told["last"]) == (1, 1, NOON, NOON)
    assert told["pairs"][0]["from"] == "a/plum"
    assert told["cost"]["by_basis"]["usage"]["calls"] == told["cost"]["calls"] == 1
    assert told["refused"] == [{"candidate": "a/plum", "reason": "cmp:price_out:le", "calls": 1}]
    assert told["calls"][0]["id"] == kept.traces[0].id
    assert "latency" in told["not_known"]
