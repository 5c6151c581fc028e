"""What nodes send, and their facts and seeds. Specification: chapter "Calls of a flow"."""

from __future__ import annotations

from typing import Any

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st
from small_flows import call, flow, user

from policy_ir.cbor import encode
from policy_ir.chat import facts_of_chat
from policy_ir.diagnostics import Refused
from policy_ir.field_values import MOST_SEED
from policy_ir.flow.calls import facts_of_node, request_of, seed_of_node, stated_for
from policy_ir.testing.flow_strategies import node_names
from policy_ir.testing.pools import standard
from policy_ir.testing.world_strategies import chat_bodies, facts_values

PAIR = flow(draft=call("q"), check=call("q", "draft"))
ASSEMBLED = ({"role": "system", "content": "s"}, user("text"))
BODY: dict[str, Any] = {
    "model": "flow:*",
    "messages": [user("hi"), user([{"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}])],
    "tools": [{"type": "function", "function": {"name": "look"}}],
    "response_format": {"type": "json_object"},
    "stream": True,
    "max_tokens": 77,
}
STATED: dict[str, Any] = {
    "needs": ["audio"],
    "min_context": 50_000,
    "privacy": "no_log",
    "tier": "partner",
    "min_tok_s": 10,
    "scope": "team-a",
    "model_family": "f",
    "fields": {"prompt_tokens": 4, "completion_tokens": 5, "vip": True},
}


def test_the_request_of_the_last_node_is_the_body_with_other_messages() -> None:
    request = request_of(PAIR, "check", BODY, ASSEMBLED)
    assert request == BODY | {"messages": list(ASSEMBLED)}
    assert list(request) == list(BODY)
    assert request["tools"] is BODY["tools"]
    assert len(BODY["messages"]) == 2


def test_the_request_of_any_other_node_is_its_messages_only() -> None:
    assert request_of(PAIR, "draft", BODY, ASSEMBLED) == {"messages": list(ASSEMBLED)}


def test_of_what_is_stated_needs_context_and_amounts_are_for_the_last_node_only() -> None:
    assert stated_for(PAIR, "check", STATED) == STATED
    assert stated_for(PAIR, "draft", STATED) == {
        "privacy": "no_log",
        "tier": "partner",
        "min_tok_s": 10,
        "scope": "team-a",
        "model_family": "f",
        "fields": {"vip": True},
    }


def test_what_is_stated_is_not_changed() -> None:
    stated = {"fields": {"prompt_tokens": 1}, "needs": ["tools"]}
    stated_for(PAIR, "draft", stated)
    assert stated == {"fields": {"prompt_tokens": 1}, "needs": ["tools"]}


def test_privacy_holds_for_all_nodes_and_needs_for_the_last() -> None:
    facts = {name: facts_of_node(PAIR, name, request_of(PAIR, name, BODY, ASSEMBLED), STATED) for name in PAIR.policies}
    assert facts["draft"].privacy == facts["check"].privacy == "no_log"
    assert facts["draft"].needs == ()
    assert facts["check"].needs == ("audio", "json_mode", "tools")
    assert facts["draft"].min_context == 2 + 16 + 1024  # ceil(5 / 3), two messages, no limit of its own
    assert facts["check"].min_context == 50_000
    assert facts["draft"].fields == {"prompt_tokens": 18.0, "completion_tokens": 1024.0, "vip": True}
    assert facts["check"].fields == {"prompt_tokens": 4.0, "completion_tokens": 5.0, "vip": True}


@pytest.mark.parametrize("stated", [{"fields": 1}, {"privacy": "secret"}, {"unknown": None}])
def test_facts_that_cannot_be_stated_are_refused_at_every_node(stated: dict[str, Any]) -> None:
    for name in PAIR.policies:
        with pytest.raises(Refused):
            facts_of_node(PAIR, name, {"messages": []}, stated)


@given(chat_bodies(), facts_values())
def test_the_facts_of_the_last_node_are_those_of_its_request_as_of_any_call(
    body: dict[str, Any], stated: dict[str, Any]
) -> None:
    made = flow(only=call("q"), vocabulary=standard())

    def attempt(ask: Any) -> object:
        try:
            return ask()
        except Refused as refused:
            return [diagnostic.code for diagnostic in refused.diagnostics]

    request = request_of(made, "only", body, body["messages"])
    given = attempt(lambda: facts_of_node(made, "only", request, stated))
    assert given == attempt(lambda: facts_of_chat(body, standard(), base=stated))


# --- seeds ---------------------------------------------------------------------------------------------------


def test_without_a_seed_a_node_has_none() -> None:
    assert seed_of_node(None, "draft") is None


@pytest.mark.parametrize("seed", [0, 1, 7, MOST_SEED])
def test_the_seed_of_a_node_is_the_first_bits_of_a_hash(seed: int) -> None:
    digest = blake3(encode(["flow-seed/1", [seed, "draft"]])).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)[:53]
    assert seed_of_node(seed, "draft") == int(bits, 2)


def test_seeds_are_what_they_were() -> None:
    assert [seed_of_node(1, name) for name in ("a", "b")] == [4624268508161064, 2946555339793509]


@given(st.integers(0, MOST_SEED), st.lists(node_names(), min_size=2, max_size=2, unique=True))
def test_two_nodes_draw_apart(seed: int, names: list[str]) -> None:
    one, other = (seed_of_node(seed, name) for name in names)
    assert one is not None
    assert other is not None
    assert one != other
    assert 0 <= one <= MOST_SEED
