"""The router from outside: what a caller sees of each route."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from routers import QUESTION, a_router
from running import run

EVERYBODY = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "next_candidate"}]]


@run
async def test_an_answer_carries_the_account_of_its_call(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("policy:cheapest")
        assert got.status == 200
        account, trace = got.account, router.trace(got)
        assert account["candidate"] == got.headers["x-policy-ir-candidate"] == trace.chosen == "west/tiny"
        assert account["decision"] == got.headers["x-policy-ir-decision"] == trace.decision
        assert account["policy"] == trace.policy
        assert account["cost_usd"] == trace.cost.usd > 0
        assert (account["attempts"], account["cost_basis"], account["policy_name"]) == (1, "usage", "cheapest")
        assert (trace.outcome, trace.status, trace.policy_name) == ("ok", 200, "cheapest")


@run
async def test_a_stream_carries_it_in_its_last_chunk(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("policy:cheapest", stream=True)
        assert got.headers["Content-Type"].startswith("text/event-stream")
        assert got.events[-1] == "[DONE]"
        assert [index for index, chunk in enumerate(got.chunks) if "policy_ir" in chunk] == [len(got.chunks) - 1]
        account, trace = got.chunks[-1]["policy_ir"], router.trace(got)
        assert account["trace"] == trace.id
        assert account["cost_usd"] == trace.cost.usd
        assert trace.stream
        assert "x-policy-ir-cost-usd" not in got.headers


@run
async def test_what_the_provider_gets_is_the_callers_body_with_another_model(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        more = {"temperature": 0.3, "user": "u", "metadata": {"a": "b"}, "x_future": [1, None]}
        await router.chat("policy:*", policy_ir=EVERYBODY, policy_options={"session": "s"}, **more)
        (seen,) = router.sandbox.seen("north/large")
        assert seen.body == {"model": "sim-large", "messages": QUESTION, **more}


@run
async def test_a_candidate_can_be_named_instead_of_a_policy(tmp_path: Path) -> None:
    async with a_router(tmp_path, "east/small=server_error") as router:
        assert (await router.chat("south/mini")).account["candidate"] == "south/mini"
        assert (await router.chat("east/small")).status == 502
        assert router.sandbox.calls() == 2


@run
async def test_a_refused_policy_is_told_all_that_is_wrong_with_it(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        term = [
            "policy",
            ["cmp", "prize_out", "le", 1],
            ["field", "latncy_ms"],
            ["argmax"],
            ["id"],
            ["always", {"action": "abort"}],
        ]
        got = await router.chat("policy:*", policy_ir=term)
        assert (got.status, got.error["code"], got.error["type"]) == (400, "policy_refused", "invalid_request_error")
        found = got.error["diagnostics"]
        assert [(one["code"], one["pointer"]) for one in found] == [("PIR0401", "/1/1"), ("PIR0401", "/2/1")]
        assert [one["help"] for one in found] == ["did you mean `price_out`?", "did you mean `latency_ms`?"]
        trace = router.trace(got)
        assert (trace.outcome, trace.status, len(trace.diagnostics)) == ("refused", 400, 2)


@run
async def test_a_policy_that_the_router_does_not_carry_out_is_refused_and_not_sent_without(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        mutate = ["when", ["is", "no_log"], ["filter_text", {"steps": ["RedactPII"]}]]
        term = [*EVERYBODY[:4], mutate, EVERYBODY[5]]
        got = await router.chat("policy:*", policy_ir=term)
        assert (got.status, got.error["code"]) == (400, "policy_refused")
        assert router.sandbox.calls() == 0


@run
async def test_nobody_left_is_an_error_that_counts_the_reasons(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        term = ["policy", ["cmp", "price_out", "lt", 0], *EVERYBODY[2:]]
        got = await router.chat("policy:*", policy_ir=term)
        assert (got.status, got.error["code"]) == (422, "no_candidate")
        assert got.error["refused"] == {"cmp:price_out:lt": 9}
        assert router.trace(got).outcome == "no_candidate"


@run
async def test_an_unknown_policy_is_not_found_and_another_one_is_suggested(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("policy:cheapst")
        assert (got.status, got.error["code"]) == (404, "model_not_found")
        assert got.error["diagnostics"][0]["help"] == "did you mean `policy:cheapest`?"


@run
async def test_a_dry_run_decides_as_the_call_would_and_sends_nothing(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        body = {"model": "policy:resilient", "messages": QUESTION, "policy_options": {"session": "s", "seed": 3}}
        dry = await router.ask("POST", "/policy/decide", json=body)
        again = await router.chat(**{**body, "policy_options": {**body["policy_options"], "dry_run": True}})  # type: ignore[dict-item]
        assert router.sandbox.calls() == 0
        real = await router.chat(**body)  # type: ignore[arg-type]
        assert dry.json == again.json
        assert dry.json["decision"]["fingerprint"] == real.account["decision"]
        assert dry.json["candidate"] == real.account["candidate"]


@run
async def test_a_session_that_has_spent_its_budget_is_seen_by_the_policy(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        term = ["policy", ["cmp", "budget_left", "gt", 0], *EVERYBODY[2:]]
        asked: dict[str, Any] = {"policy_ir": term, "policy_options": {"session": "s", "budget": 0.0001}}
        first, second = await router.chat("policy:*", **asked), await router.chat("policy:*", **asked)
        assert (first.status, second.status) == (200, 422)
        assert first.account["cost_usd"] > 0.0001
        other: dict[str, Any] = {**asked, "policy_options": {"session": "t", "budget": 0.0001}}
        assert (await router.chat("policy:*", **other)).status == 200


@run
async def test_models_are_policies_and_candidates(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        ids = [one["id"] for one in (await router.get("/v1/models")).json["data"]]
        assert ids[0] == "policy:resilient"
        assert "north/large" in ids
        assert (await router.get("/v1/models/north/large")).json["owned_by"] == "north"
        assert (await router.get("/v1/models/policy:resilient")).json["owned_by"] == "policy-ir"
        assert (await router.get("/v1/models/nobody")).error["code"] == "model_not_found"


@run
async def test_a_message_that_is_refused_is_not_taken_for_a_policy(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat(messages=[{"role": "user", "content": "\ud800"}])
        assert (got.status, got.error["code"]) == (400, "invalid_request")
        assert got.error["diagnostics"][0]["code"] == "PIR0113"


@run
async def test_a_decision_alone_is_no_stream(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat(stream=True, policy_options={"dry_run": True})
        assert (got.status, got.error["param"]) == (400, "/policy_options/dry_run")


@run
async def test_a_named_candidate_that_the_floor_refuses_is_told_of_alone(tmp_path: Path) -> None:
    from policy_ir.floor import read_floor
    from policy_ir.router.sandbox_world import sandbox_vocabulary

    floor = read_floor(["cmp", "price_out", "le", 1], sandbox_vocabulary())
    async with a_router(tmp_path, floor=floor) as router:
        got = await router.chat("north/large")
        assert (got.status, got.error["refused"]) == (422, {"cmp:price_out:le": 1})


@run
async def test_a_policy_can_be_checked_in_either_syntax(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        wire = await router.ask("POST", "/policy/validate", json=EVERYBODY)
        wrapped = await router.ask("POST", "/policy/validate", json={"policy_ir": EVERYBODY})
        text = "policy { filter top }"
        plain = {"Content-Type": "text/plain"}
        authored = await router.ask("POST", "/policy/validate", data=text, headers=plain)
        wrong = await router.ask("POST", "/policy/validate", data="policy { filter prize <= 1 }", headers=plain)
        assert wire.json["valid"]
        assert authored.json["valid"]
        assert wire.json["fingerprint"] == wrapped.json["fingerprint"] == authored.json["fingerprint"]
        (found,) = wrong.json["diagnostics"]
        assert (wrong.json["valid"], found["code"]) == (False, "PIR0401")


@run
async def test_the_fields_that_a_policy_can_name_can_be_looked_up(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        fields = (await router.get("/policy/fields")).json
        assert fields["vocabulary"] == "standard"
        assert "call_cost" in [field["name"] for field in fields["fields"]]


@run
async def test_a_trace_can_be_looked_up_and_replayed(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        id = (await router.chat()).account["trace"]
        assert (await router.get(f"/traces/{id}")).json == router.store.get(id).to_json()  # type: ignore[union-attr]
        assert [one["id"] for one in (await router.get("/traces?policy=resilient")).json["data"]] == [id]
        again = await router.ask("POST", f"/traces/{id}/replay")
        assert (again.status, again.json["verdict"]) == (200, "same")
        assert (await router.get("/traces/tr_none")).error["code"] == "trace_not_found"


@run
async def test_health_readiness_and_metrics_are_told(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        await router.chat()
        assert (await router.get("/healthz")).status == (await router.get("/readyz")).status == 200
        metrics = (await router.get("/metrics")).text
        assert 'policy_ir_calls_total{outcome="ok",policy="resilient"} 1.0' in metrics


@run
async def test_what_is_nowhere_is_an_error_as_clients_know_it(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.ask("POST", "/v1/embeddings", json={})
        assert (got.status, got.error["code"]) == (404, "not_found")


@run
async def test_a_caller_who_hangs_up_ends_the_call_at_the_provider(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/large=silence") as router:
        waiting = asyncio.ensure_future(router.chat("north/large"))
        while not router.sandbox.calls():
            await asyncio.sleep(0.01)
        waiting.cancel()
        while not router.sandbox.seen("north/large")[0].closed_by_client:
            await asyncio.sleep(0.01)
        while not (found := router.store.find()):
            await asyncio.sleep(0.01)
        assert (found[0].outcome, found[0].hops[0].outcome) == ("cancelled", "cancelled")


@run
async def test_prompts_and_answers_are_stored_only_where_somebody_asked_for_it(tmp_path: Path) -> None:
    secret = "a very particular question"
    asked = {"messages": [{"role": "user", "content": secret}]}
    async with a_router(tmp_path) as router:
        got = await router.chat(**asked)  # type: ignore[arg-type]
        assert router.trace(got).request is None
        await router.chat(stream=True, **asked)  # type: ignore[arg-type]
    assert all(secret.encode() not in path.read_bytes() for path in tmp_path.iterdir())
    from policy_ir.router.config import Traces

    async with a_router(tmp_path, traces=Traces(prompts=True)) as router:
        trace = router.trace(await router.chat(**asked))  # type: ignore[arg-type]
        assert trace.request is not None
        assert secret in json.dumps(trace.request)
        assert trace.response is not None
        streamed = router.trace(await router.chat(stream=True, **asked))  # type: ignore[arg-type]
        assert streamed.response is not None
        assert streamed.response["chunks"]
