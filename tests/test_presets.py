"""Each preset keeps what its comment promises, on the shipped catalogue."""

from __future__ import annotations

from functools import cache
from typing import Any

import attrs
import pytest

from policy_ir.admission import Admitted, admit_policy
from policy_ir.catalogs import shipped_snapshot
from policy_ir.decision import Decision, decide
from policy_ir.diagnostics.codes import LINT_NO_CONTEXT, LINT_NO_PRICE
from policy_ir.facts import read_facts
from policy_ir.lints import lint
from policy_ir.presets import PRESETS, SEED, preset, presets
from policy_ir.snapshot import CandidateList, Snapshot
from policy_ir.syntax import fmt, parse


@cache
def admitted(name: str) -> Admitted:
    document = parse(preset(name).text, name=f"{name}.policy")
    assert document.term is not None
    return admit_policy(document.term, shipped_snapshot().vocabulary, document=document)


def decided(name: str, snapshot: Snapshot | None = None, **changes: Any) -> Decision:
    """The decision of a preset for its own request, with some facts changed; `fields` are merged."""
    over = shipped_snapshot() if snapshot is None else snapshot
    facts = {**preset(name).facts, **changes}
    facts["fields"] = {**preset(name).facts["fields"], **changes.get("fields", {})}
    return decide(admitted(name), over, read_facts(facts, over.vocabulary), SEED)


def ids(decision: Decision) -> list[str]:
    return [entry.id for entry in decision.ordered]


def seen(decision: Decision, field: str) -> list[Any]:
    """What the candidates in order show for a field, None where it is not known."""
    observations = [decision.environment.observe(entry.index, field) for entry in decision.ordered]
    return [observation.value if observation.known else None for observation in observations]


def reasons(decision: Decision) -> dict[str, str]:
    return dict(decision.rejected)


def sent(name: str, request: dict[str, Any]) -> dict[str, Any]:
    """The request as the first of the order would get it."""
    return decided(name).attempt(0, request).request


# --- all of them ---------------------------------------------------------------------------------------------


def test_there_is_a_preset_for_each_workload() -> None:
    assert [one.name for one in presets()] == ["support", "rag", "agents", "batch", "compliance", "workflow"]


def test_a_preset_of_another_name_is_not_there() -> None:
    with pytest.raises(KeyError):
        preset("poetry")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_in_a_comment_what_it_promises(name: str) -> None:
    comment = [line for line in preset(name).text.splitlines() if line.startswith("#")]
    assert comment[0].lower().startswith(f"# {name}: ")
    assert preset(name).title in comment[0]
    assert "# It promises" in comment


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_a_winner_and_a_runner_up(name: str) -> None:
    assert len(decided(name).ordered) >= 2


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_no_warning_but_of_what_the_catalogue_does_not_say(name: str) -> None:
    assert lint(admitted(name)) == []
    assert {one.code for one in lint(admitted(name), shipped_snapshot())} <= {LINT_NO_CONTEXT, LINT_NO_PRICE}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_written_as_the_formatter_writes_it(name: str) -> None:
    assert fmt(parse(preset(name).text), "authoring") == preset(name).text


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_never_tries_what_the_host_switched_off(name: str) -> None:
    first = ids(decided(name))[0]
    off = shipped_snapshot().with_state({first: {"disabled": True}})
    assert first in ids(decided(name))
    assert first not in ids(decided(name, off))


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "workflow"])
def test_a_preset_tries_a_model_behind_an_open_breaker_after_those_that_are_up(name: str) -> None:
    first, second, *_ = ids(decided(name))
    down = decided(name, shipped_snapshot().with_state({first: {"breaker_open": True}}))
    assert ids(down)[0] == second
    assert first in ids(down) or first in [name for name, _ in down.cut]


@pytest.mark.parametrize("name", ["support", "rag", "agents", "batch", "compliance"])
def test_no_model_is_chosen_that_is_about_to_be_retired(name: str) -> None:
    assert True not in seen(decided(name), "deprecated")


@pytest.mark.parametrize("name", PRESETS)
def test_a_wrong_key_keeps_the_provider_out_for_the_rest_of_the_call(name: str) -> None:
    assert decided(name).next(0, 0, "auth_error").disabled_provider is not None


# --- support -------------------------------------------------------------------------------------------------


def test_support_answers_from_partners_that_call_tools_and_read_images() -> None:
    decision = decided("support")
    assert {decision.snapshot.tier(entry.index) for entry in decision.ordered} == {"partner"}
    for field in ("supports_tools", "supports_vision", "supports_prompt_cache"):
        assert set(seen(decision, field)) == {True}


def test_a_support_reply_costs_a_known_cent_at_most() -> None:
    costs = seen(decided("support"), "call_cost")
    assert all(cost is not None and cost <= 0.01 for cost in costs)
    dear = decided("support", fields={"prompt_tokens": 100_000_000})
    assert not dear.ordered


def test_support_prefers_the_quick_of_two_that_cost_the_same() -> None:
    snapshot = shipped_snapshot()
    one, other = "anthropic/claude-haiku-5-5", "openai/gpt-6-luna"
    for quick, slow in ((one, other), (other, one)):
        measured = snapshot.with_state({quick: {"latency_ms": 300}, slow: {"latency_ms": 3000}})
        order = ids(decided("support", measured))
        assert order.index(quick) < (order.index(slow) if slow in order else len(order))


def test_a_support_reply_is_short_and_calm() -> None:
    request = sent("support", {"temperature": 1.5, "max_tokens": 100_000})
    assert request == {"temperature": 0.7, "max_tokens": 1024, "first_token_timeout_ms": 4000}


def test_support_has_five_models_to_try() -> None:
    assert len(decided("support").ordered) == 5


# --- rag -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tokens", [3_000, 60_000, 182_000, 600_000])
def test_rag_asks_for_the_context_that_the_request_needs(tokens: int) -> None:
    decision = decided("rag", min_context=tokens)
    assert all(context >= tokens for context in seen(decision, "context"))


def test_rag_takes_a_short_context_for_a_short_request() -> None:
    short, long = decided("rag", min_context=3_000), decided("rag", min_context=600_000)
    narrow = [name for name, reason in reasons(long).items() if reason == "min_context"]
    assert narrow
    assert not [name for name in narrow if reasons(short).get(name) == "min_context"]
    cheap_and_narrow = {name for name, _ in short.cut} | set(ids(short))
    assert cheap_and_narrow & set(narrow)


def test_rag_gives_its_sources_by_a_schema_at_the_lowest_price() -> None:
    decision = decided("rag")
    assert set(seen(decision, "supports_structured_outputs")) == {True}
    costs = seen(decision, "call_cost")
    assert costs == sorted(costs)


def test_rag_stays_close_to_the_passages() -> None:
    attempt = decided("rag").attempt(0, {"temperature": 1})
    assert attempt.request == {"temperature": 0.3}
    assert attempt.directives.filter_text is not None
    assert attempt.directives.filter_text.recipe == ("StripInvisibleText", "DetectPromptInjection")


# --- agents --------------------------------------------------------------------------------------------------


def test_agents_get_tools_history_and_proven_ability_within_the_price_of_a_step() -> None:
    decision = decided("agents")
    assert set(seen(decision, "supports_tools")) == {True}
    assert all(context >= 128_000 for context in seen(decision, "context"))
    assert all(share >= 0.5 for share in seen(decision, "bench_coding"))
    assert all(cost <= 0.5 for cost in seen(decision, "call_cost"))


def test_agents_keep_their_model_when_a_host_is_busy() -> None:
    decision = decided("agents")
    family = decision.snapshot.family
    entry = next(
        at for at, one in enumerate(decision.ordered)
        if any(family(later.index) == family(one.index) for later in decision.ordered[at + 1 :])
    )  # fmt: skip
    following = decision.next(entry, 0, "rate_limit").index
    assert following is not None
    assert family(decision.ordered[following].index) == family(decision.ordered[entry].index)


def test_agents_send_no_temperature_to_a_model_that_thinks() -> None:
    decision = decided("agents")
    for position, thinks in enumerate(seen(decision, "supports_reasoning")):
        request = decision.attempt(position, {"temperature": 1, "max_tokens": 10}).request
        assert ("temperature" in request) == (thinks is not True)
        assert request.get("reasoning_effort") == ("medium" if thinks else None)


# --- batch ---------------------------------------------------------------------------------------------------


def test_batch_takes_the_lowest_price_of_models_of_proven_use() -> None:
    decision = decided("batch")
    costs = seen(decision, "call_cost")
    assert costs == sorted(costs)
    assert all(share >= 0.3 for share in seen(decision, "bench_coding"))
    assert all(cost <= 0.001 for cost in costs)


def test_batch_waits_for_a_busy_host_before_it_goes_elsewhere() -> None:
    decision = decided("batch")
    waits = [decision.next(0, retries, "rate_limit") for retries in range(5)]
    assert [wait.wait_ms for wait in waits[:4]] == [1000, 5000, 20000, 60000]
    assert [wait.index for wait in waits[:4]] == [0] * 4
    assert waits[4].index != 0


def test_batch_repeats_its_answers() -> None:
    assert sent("batch", {"temperature": 1}) == {"temperature": 0, "timeout_ms": 600_000}


# --- compliance ----------------------------------------------------------------------------------------------


def test_compliance_never_leaves_the_region() -> None:
    assert set(seen(decided("compliance"), "region")) == {"eu"}


def test_compliance_refuses_a_model_whose_region_is_not_known() -> None:
    snapshot = shipped_snapshot()
    unknown = [name for i, name in enumerate(snapshot.ids) if not snapshot.observe(i, "region").known]
    assert unknown
    assert set(unknown) <= set(reasons(decided("compliance")))


def test_compliance_keeps_to_contracts_and_capabilities() -> None:
    decision = decided("compliance")
    assert {decision.snapshot.provider(entry.index) for entry in decision.ordered} <= {"azure", "bedrock_converse"}
    for field in ("supports_structured_outputs", "supports_reasoning"):
        assert set(seen(decision, field)) == {True}


@pytest.mark.parametrize(("left", "limit"), [(1000.0, 0.25), (0.05, 0.05), (0.03, 0.03), (0.001, 0.001)])
def test_no_compliance_call_costs_more_than_the_limit_or_what_is_left(left: float, limit: float) -> None:
    decision = decided("compliance", fields={"budget_left": left})
    assert all(cost <= limit for cost in seen(decision, "call_cost"))


def test_a_small_budget_leaves_nothing_to_try() -> None:
    assert len(decided("compliance", fields={"budget_left": 1000}).ordered) == 3
    assert not decided("compliance", fields={"budget_left": 0.001}).ordered


def test_compliance_gives_what_the_request_demands_of_privacy() -> None:
    assert not decided("compliance", privacy="no_log").ordered
    winner = ids(decided("compliance"))[0]
    silent = shipped_snapshot().candidate(shipped_snapshot().index[winner])
    promised = attrs.evolve(silent, fields={**silent.fields, "no_log": True})
    snapshot = Snapshot.take(CandidateList((promised,)), shipped_snapshot().vocabulary)
    assert ids(decided("compliance", snapshot, privacy="no_log")) == [winner]


def test_compliance_takes_personal_data_out_before_a_call() -> None:
    directives = decided("compliance").attempt(0, {}).directives
    assert directives.filter_text is not None
    assert directives.filter_text.recipe == ("RedactPII", "RedactSecrets")
    assert directives.filter_image is not None


def test_compliance_ends_a_call_whose_text_a_filter_stops() -> None:
    assert decided("compliance").next(0, 0, "content_filter").index is None


# --- workflow ------------------------------------------------------------------------------------------------

TESTED = [("openai", "gpt-5.4-mini"), ("gemini", "gemini-2.5-flash"), ("anthropic", "claude-haiku-4-5")]


def test_a_workflow_step_uses_the_tested_models_in_their_order() -> None:
    decision = decided("workflow")
    snapshot = decision.snapshot
    used = [(snapshot.provider(entry.index), snapshot.family(entry.index)) for entry in decision.ordered]
    assert list(dict.fromkeys(used)) == TESTED


def test_a_workflow_step_answers_by_a_schema_the_same_every_time() -> None:
    assert set(seen(decided("workflow"), "supports_structured_outputs")) == {True}
    request = sent("workflow", {"temperature": 1, "max_tokens": 9999})
    assert request == {"temperature": 0, "max_tokens": 2048, "timeout_ms": 30_000}


@pytest.mark.parametrize("reason", ["server_error", "bad_response", "timeout", "rate_limit"])
def test_a_workflow_step_tries_each_model_twice_at_most(reason: str) -> None:
    assert decided("workflow").next(0, 1, reason).index != 0
