"""OpenAI's own client for Node, unmodified, at a router: `javascript/call.js` calls, and prints what came back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import pytest
from programs import needed, program
from routers import a_router
from running import run

from policy_ir.router.auth import digest_of
from policy_ir.router.config import Key
from policy_ir.trace.record import Trace

FOLDER: Final = Path(__file__).parent / "javascript"
KEY: Final = "pir_right"


class Calls:
    """What the client got, by the name of the call, and the traces of all calls."""

    def __init__(self, lines: list[dict[str, Any]], traces: list[Trace]) -> None:
        self._got = {line["name"]: line for line in lines}
        self.traces = {trace.id: trace for trace in traces}

    def __getitem__(self, name: str) -> dict[str, Any]:
        return self._got[name]

    def error(self, name: str) -> tuple[Any, Any, Any]:
        """The class of an error, its status and its code."""
        got = self._got[name]
        return got["error"], got.get("status"), got.get("code")


@pytest.fixture(scope="session")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Calls:
    """One run of the client for all tests."""
    node = program("node")
    needed((FOLDER / "node_modules").is_dir(), "OpenAI's client for Node (`make clients`)")
    folder = tmp_path_factory.mktemp("node")
    made: list[Calls] = []

    @run
    async def called() -> None:
        key = Key(name="team", digest=digest_of(KEY))
        async with a_router(folder, keys={"team": key}) as router:
            client = await asyncio.create_subprocess_exec(
                *(node, str(FOLDER / "call.js"), f"{router.url}/v1", KEY),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                said, wrong = await client.communicate()
            finally:
                if client.returncode is None:
                    client.kill()
            assert client.returncode == 0, wrong.decode()
            while len(router.store.find(outcome="cancelled")) < 2:
                await asyncio.sleep(0.01)
            made.append(Calls([json.loads(line) for line in said.splitlines()], router.store.find(limit=100)))

    called()
    return made[0]


def test_a_chat_is_answered_and_says_who_answered(calls: Calls) -> None:
    got = calls["chat"]
    trace = calls.traces[got["trace"]]
    assert "Where is my order?" in got["text"]
    assert got["account"]["trace"] == got["request"] == trace.id
    assert got["account"]["candidate"] == trace.chosen == "west/tiny"
    assert got["usage"]["completion_tokens"] == trace.cost.completion_tokens
    assert trace.key == "team"


def test_two_answers_come_for_one_question(calls: Calls) -> None:
    assert calls["twice"]["count"] == 2


def test_what_is_asked_of_the_router_stands_in_the_body(calls: Calls) -> None:
    account = calls["inline"]["account"]
    assert (account["candidate"], account["seed"]) == ("north/thinker", 7)
    assert calls.traces[account["trace"]].session == "s"


def test_policies_and_candidates_are_listed_as_models(calls: Calls) -> None:
    assert {"policy:cheapest", "north/large"} <= set(calls["models"]["ids"])


def test_a_stream_ends_with_the_account_and_the_usage(calls: Calls) -> None:
    got = calls["stream"]
    assert (got["text"], got["finish"]) == (calls["chat"]["text"], ["stop"])
    trace = calls.traces[got["account"]["trace"]]
    assert got["usage"]["completion_tokens"] == trace.cost.completion_tokens


def test_the_clients_own_events_of_a_stream_come_as_it_makes_them(calls: Calls) -> None:
    assert calls["events"]["text"] == calls["events"]["deltas"] == calls["chat"]["text"]


def test_a_tool_is_called_and_its_answer_used(calls: Calls) -> None:
    got = calls["tools"]
    (called,) = got["calls"]
    assert (got["finish"], called["name"]) == ("tool_calls", "order_status")
    assert isinstance(json.loads(called["arguments"])["order"], str)
    assert "it is on its way" in got["text"]


def test_the_clients_own_loop_of_tools_runs_over_streams(calls: Calls) -> None:
    assert "found string" in calls["runner"]["text"]


def test_json_comes_where_json_is_asked_for(calls: Calls) -> None:
    assert calls["json"]["value"]["simulated"] is True
    assert isinstance(calls["schema"]["value"]["number"], int)
    assert calls["schema"]["account"]["candidate"] == "north/small"


def test_a_refused_policy_is_a_bad_request_with_every_finding(calls: Calls) -> None:
    assert calls.error("refused") == ("BadRequestError", 400, "policy_refused")
    assert all(one["code"].startswith("PIR") for one in calls["refused"]["body"]["diagnostics"])


def test_an_unknown_model_is_not_found(calls: Calls) -> None:
    assert calls.error("unknown") == ("NotFoundError", 404, "model_not_found")
    assert calls["unknown"]["body"]["diagnostics"][0]["help"] == "did you mean `policy:cheapest`?"


def test_nobody_left_is_unprocessable_and_is_asked_once(calls: Calls) -> None:
    for name in ("nobody", "nobody streamed"):
        assert calls.error(name) == ("UnprocessableEntityError", 422, "no_candidate")
        assert calls[name]["body"]["refused"] == {"cmp:price_out:lt": 9}
    asked = [trace for trace in calls.traces.values() if trace.outcome == "no_candidate"]
    assert sorted(trace.is_flow for trace in asked) == [False, False, True]  # each once


def test_the_last_cause_decides_which_error_it_is(calls: Calls) -> None:
    assert calls.error("limited") == ("RateLimitError", 429, "rate_limit_exceeded")
    assert calls["limited"]["requestID"] == calls["limited"]["body"]["policy_ir"]["trace"]
    assert calls.error("down") == ("InternalServerError", 502, "server_error")
    assert calls.error("too long") == ("BadRequestError", 400, "context_length_exceeded")
    assert calls.error("wrong key") == ("AuthenticationError", 401, "invalid_api_key")


def test_a_stream_that_breaks_off_is_an_error_after_what_had_come(calls: Calls) -> None:
    got = calls["cut"]
    assert (got["said"], calls.error("cut")) == ("I am sim", ("APIError", None, "stream_interrupted"))
    trace = calls.traces[got["body"]["policy_ir"]["trace"]]
    assert (trace.outcome, trace.chosen) == ("interrupted", "north/large")


# --- flows ---------------------------------------------------------------------------------------------------------


def test_a_flow_is_answered_by_its_last_node_with_an_account_of_all(calls: Calls) -> None:
    got = calls["flow"]
    trace = calls.traces[got["request"]]
    assert "I am sim-tiny" in got["text"]  # what the draft said, said back
    assert {name: node["candidate"] for name, node in got["account"]["nodes"].items()} == {
        "draft": "west/tiny",
        "verify": "north/large",
    }
    assert got["flow"] == got["account"]["flow"] == trace.flow
    assert [node.chosen for node in trace.nodes] == ["west/tiny", "north/large"]
    assert calls["flow by name"]["account"]["flow_name"] == "draft-and-verify"


def test_a_streamed_flow_says_the_same_with_one_account_at_its_end(calls: Calls) -> None:
    got = calls["flow streamed"]
    assert (got["text"], got["accounts"]) == (calls["flow"]["text"], 1)
    assert got["account"]["flow"] == calls["flow"]["account"]["flow"]


def test_tools_and_a_schema_are_for_the_last_node_of_a_flow(calls: Calls) -> None:
    assert calls["flow with tools"]["calls"] == ["order_status"]
    assert isinstance(calls["flow with a schema"]["value"]["number"], int)


def test_what_goes_wrong_with_a_flow_is_the_clients_own_error_with_the_node(calls: Calls) -> None:
    for name, error, node in (
        ("flow failed", ("InternalServerError", 503, "overloaded"), "verify"),
        ("flow with nobody", ("UnprocessableEntityError", 422, "no_candidate"), "verify"),
        ("flow late", ("InternalServerError", 504, "timeout"), "verify"),
        ("flow cut", ("APIError", None, "stream_interrupted"), "verify"),
    ):
        assert calls.error(name) == error
        assert calls[name]["body"]["policy_ir"]["node"] == node
        assert f"the node `{node}` has failed" in calls[name]["body"]["message"]
    assert calls["flow cut"]["said"] == "I am sim"
    assert calls.error("flow refused") == ("BadRequestError", 400, "policy_refused")
    assert calls["flow refused"]["body"]["diagnostics"][0]["code"] == "PIR1001"
    assert calls.error("flow unknown") == ("NotFoundError", 404, "model_not_found")
    assert calls["flow unknown"]["body"]["diagnostics"][0]["help"] == "did you mean `flow:draft-and-verify`?"


def test_a_caller_who_goes_ends_the_call_at_the_provider(calls: Calls) -> None:
    assert calls.error("impatient") == ("APIConnectionTimeoutError", None, None)
    gone = {trace.hops[0].candidate: trace for trace in calls.traces.values() if trace.outcome == "cancelled"}
    assert gone.keys() == {"east/small", "north/large"}
    assert all(trace.hops[0].outcome == "cancelled" for trace in gone.values())
