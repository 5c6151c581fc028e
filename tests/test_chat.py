"""Facts derived from a chat body: the same ones in every implementation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.chat import _Count, facts_of_chat
from policy_ir.diagnostics import Refused
from policy_ir.facts import Facts, read_facts
from policy_ir.vocabulary import extend, vocabulary

CORE = vocabulary("core")
STANDARD = vocabulary("standard")


def message(content: object, **more: object) -> dict[str, object]:
    return {"role": "user", "content": content, **more}


def body(*contents: object, **more: object) -> dict[str, object]:
    return {"messages": [message(content) for content in contents], **more}


def derived(value: object, **stated: object) -> Facts:
    return facts_of_chat(value, STANDARD, base=stated or None)


def refusal(value: object, under: Any = STANDARD) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        facts_of_chat(value, under)
    return [(found.code.code, found.pointer) for found in refused.value.diagnostics]


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
AUDIO = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
FILE = {"type": "file", "file": {"file_id": "f-1"}}
TOOL = {"type": "function", "function": {"name": "f"}}


# --- amounts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contents", "tokens"),
    [
        ([], 0),
        ([""], 8),
        (["a"], 1 + 8),
        (["abc"], 1 + 8),
        (["abcd"], 2 + 8),
        (["ab", "cd"], 2 + 16),  # bytes are added up before they are divided
        (["é"], 1 + 8),
        (["日本"], 2 + 8),
        (["😀"], 2 + 8),
        ([None], 8),
        ([[{"type": "text", "text": "abcd"}]], 2 + 8),
        ([[{"type": "refusal", "refusal": "abcd"}]], 2 + 8),
        ([[IMAGE]], 8 + 1024),
        ([[IMAGE, {"type": "text", "text": "abc"}, IMAGE]], 1 + 8 + 2048),
        ([[AUDIO, FILE]], 8),
        ([[]], 8),
    ],
)
def test_prompt_tokens_are_a_third_of_the_bytes_and_a_part_for_messages_and_images(
    contents: list[object], tokens: int
) -> None:
    # chat/prompt-tokens, chat/text-bytes
    facts = derived(body(*contents))
    assert facts.fields["prompt_tokens"] == tokens


@pytest.mark.parametrize(
    ("more", "tokens"),
    [
        ({}, 1024),
        ({"max_tokens": 50}, 50),
        ({"max_completion_tokens": 60}, 60),
        ({"max_tokens": 50, "max_completion_tokens": 60}, 60),
        ({"max_completion_tokens": 60, "max_tokens": 50}, 60),
        ({"max_completion_tokens": None, "max_tokens": 50}, 50),
        ({"max_tokens": None}, 1024),
        ({"max_tokens": 0}, 0),
        ({"max_tokens": 50.0}, 50),
    ],
)
def test_completion_tokens_are_the_limit_of_the_caller(more: dict[str, object], tokens: int) -> None:
    # chat/completion-tokens
    assert derived(body("x", **more)).fields["completion_tokens"] == tokens


def test_the_context_that_a_call_needs_is_its_input_and_its_output() -> None:
    # chat/min-context
    facts = derived(body("abc", max_tokens=500))
    assert facts.min_context == 9 + 500
    assert facts.needs == ()


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ([None], 2 + 4),  # chat/json-bytes/literal
        ([True], 2 + 4),
        ([False], 2 + 5),
        ([0], 2 + 8),  # chat/json-bytes/number
        ([1.5e300], 2 + 8),
        ([10**50], 2 + 8),
        (["é\n"], 2 + 2 + 3),  # chat/json-bytes/string
        ([[]], 2 + 2),  # chat/json-bytes/list
        ([1, 2, 3], 2 + 2 + 24),
        ([{}], 2 + 2),  # chat/json-bytes/object
        ([{"a": 1.50}], 16),
        ([{"é": [], "b": {"c": None}}], 2 + 2 + 1 + (3 + 2 + 2) + (3 + 1 + (2 + 3 + 1 + 4))),
    ],
)
def test_tool_json_counts_the_same_in_every_language(value: list[object], size: int) -> None:
    # chat/tool-bytes
    assert derived(body(tools=value)).fields["prompt_tokens"] == -(-size // 3)


def json_bytes(value: object) -> int:
    """The rule said another way: compact JSON, nothing escaped that need not be, numbers of eight digits."""
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(plain.encode())


PLAIN = st.recursive(
    st.none() | st.booleans() | st.just(12345678) | st.text("abcé日", max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("xyzß", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(PLAIN, min_size=1, max_size=4))
def test_the_json_bytes_are_the_length_of_compact_json(tools: list[object]) -> None:
    assert derived(body(tools=tools)).fields["prompt_tokens"] == -(-json_bytes(tools) // 3)


def test_the_calls_of_earlier_messages_are_counted_with_the_text() -> None:
    calls = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    old = {"name": "f", "arguments": "{}"}
    facts = derived({"messages": [message(None, tool_calls=calls), message("abc", function_call=old)]})
    assert facts.fields["prompt_tokens"] == -(-(json_bytes(calls) + json_bytes(old) + 3) // 3) + 16


# --- needs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "needs"),
    [
        (body("x"), ()),
        (body("x", tools=[TOOL]), ("tools",)),  # chat/tools
        (body("x", functions=[{"name": "f"}]), ("tools",)),
        (body("x", tools=[]), ()),
        (body("x", tools=None, functions=None), ()),
        ({"messages": [message(None, tool_calls=[TOOL])]}, ("tools",)),
        ({"messages": [message(None, tool_calls=[])]}, ()),
        ({"messages": [message(None, function_call={"name": "f"})]}, ("tools",)),
        ({"messages": [{"role": "tool", "content": "4", "tool_call_id": "1"}]}, ("tools",)),
        ({"messages": [{"role": "function", "content": "4", "name": "f"}]}, ("tools",)),
        (body([IMAGE]), ("vision",)),  # chat/vision
        (body([AUDIO]), ("audio",)),  # chat/audio
        (body([FILE]), ("file",)),  # chat/file
        (body("x", response_format={"type": "text"}), ()),
        (body("x", response_format=None), ()),
        (body("x", response_format={"type": "json_object"}), ("json_mode",)),  # chat/json-mode
        (body("x", response_format={"type": "json_schema", "json_schema": {}}), ("structured_outputs",)),
        # chat/structured-outputs
        (body([IMAGE, AUDIO, FILE], "x", tools=[TOOL]), ("audio", "file", "tools", "vision")),
        # parameters are no needs
        (body("x", seed=1, logprobs=True, reasoning_effort="high", parallel_tool_calls=True, n=2, model="m"), ()),
    ],
)
def test_what_a_body_has_is_what_it_needs(value: object, needs: tuple[str, ...]) -> None:
    assert derived(value).needs == needs


def test_a_need_that_the_vocabulary_cannot_answer_is_refused_where_it_comes_from() -> None:
    # chat/unmapped
    asked = body("x", [AUDIO, AUDIO], response_format={"type": "json_schema"})
    assert refusal(asked, CORE) == [("PIR0712", "/messages/1/content/0"), ("PIR0712", "/response_format")]


def test_a_vocabulary_without_the_request_fields_still_gets_the_context() -> None:
    # chat/fields
    facts = facts_of_chat(body("abc", max_tokens=10), CORE)
    assert facts.min_context == 9 + 10
    assert facts.fields == {}


def test_a_field_of_the_name_that_is_something_else_is_left_alone() -> None:
    odd = extend(
        CORE,
        {
            "vocabulary": 1,
            "name": "odd",
            "fields": {
                "prompt_tokens": {"sort": "tag", "source": "request", "about": ""},
                "completion_tokens": {"sort": "num", "default": 0, "source": "state", "about": ""},
            },
        },
        "odd.json",
    )
    facts = facts_of_chat(body("abc", max_tokens=10), odd, base={"fields": {"prompt_tokens": "many"}})
    assert facts.min_context == 19
    assert facts.fields == {"prompt_tokens": "many"}


# --- facts that the host states --------------------------------------------------------------------------------


def test_stated_needs_are_added() -> None:
    # chat/stated-needs
    assert derived(body("x", tools=[TOOL]), needs=["reasoning", "tools"]).needs == ("reasoning", "tools")


def test_a_stated_count_replaces_the_estimate_and_moves_the_context() -> None:
    # chat/stated-fields
    facts = derived(body("abc", max_tokens=10), fields={"prompt_tokens": 4000, "bucket": 0.5})
    assert facts.fields == {"prompt_tokens": 4000.0, "completion_tokens": 10.0, "bucket": 0.5}
    assert facts.min_context == 4010


@pytest.mark.parametrize(("stated", "context"), [(5, 19), (19, 19), (100_000, 100_000)])
def test_a_stated_context_can_only_ask_for_more(stated: int, context: int) -> None:
    # chat/stated-context
    assert derived(body("abc", max_tokens=10), min_context=stated).min_context == context


def test_all_other_stated_facts_are_taken_as_they_are() -> None:
    # chat/stated-rest
    facts = derived(body("x"), privacy="no_log", scope="team", tier="partner", model_family="m", min_tok_s=3)
    assert (facts.privacy, facts.scope, facts.tier, facts.model_family, facts.min_tok_s) == (
        "no_log", "team", "partner", "m", 3.0,
    )  # fmt: skip


def test_stated_facts_are_checked_as_facts_are() -> None:
    with pytest.raises(Refused) as refused:
        facts_of_chat(body("x"), STANDARD, base={"privacy": "high"})
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0713"]


# --- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ([], ""),  # chat/shape
        (None, ""),
        ({}, "/messages"),
        ({"messages": None}, "/messages"),
        ({"messages": {}}, "/messages"),
        ({"messages": ["hi"]}, "/messages/0"),
        (body(7), "/messages/0/content"),
        (body({"type": "text"}), "/messages/0/content"),
        (body("x", ["hi"]), "/messages/1/content/0"),
        (body([{"type": "text"}]), "/messages/0/content/0/text"),
        (body([{"type": "text", "text": 5}]), "/messages/0/content/0/text"),
        (body([{"type": "refusal", "refusal": None}]), "/messages/0/content/0/refusal"),
        (body([{}]), "/messages/0/content/0/type"),  # chat/part-type
        (body([{"type": "video"}]), "/messages/0/content/0/type"),
        (body([{"type": ["text"]}]), "/messages/0/content/0/type"),
        (body("x", tools={}), "/tools"),
        (body("x", functions="f"), "/functions"),
        ({"messages": [message(None, tool_calls={})]}, "/messages/0/tool_calls"),
        ({"messages": [message(None, function_call=[])]}, "/messages/0/function_call"),
        (body("x", response_format="json"), "/response_format"),
        (body("x", response_format={}), "/response_format/type"),  # chat/format-type
        (body("x", response_format={"type": "xml"}), "/response_format/type"),
        (body("x", response_format={"type": []}), "/response_format/type"),
        (body("x", max_tokens="many"), "/max_tokens"),  # chat/limit
        (body("x", max_tokens=True), "/max_tokens"),
        (body("x", max_tokens=1.5), "/max_tokens"),
        (body("x", max_tokens=-1), "/max_tokens"),
        (body("x", max_completion_tokens=2**53), "/max_completion_tokens"),
        (body("x", tools=[{1: "x"}]), "/tools/0"),
        (body("x", tools=[object()]), "/tools/0"),
    ],
)
def test_a_body_of_another_shape_is_refused_where_it_differs(value: object, pointer: str) -> None:
    assert refusal(value) == [("PIR0720", pointer)]


def test_a_lone_surrogate_is_refused_where_it_is_counted() -> None:
    # chat/surrogate
    assert refusal(body("a\ud800", tools=[{"\udc00": "\udfff"}])) == [
        ("PIR0113", "/messages/0/content"),
        ("PIR0113", "/tools/0"),
        ("PIR0113", "/tools/0/\udc00"),
    ]


def test_everything_wrong_is_reported_in_the_order_of_the_body() -> None:
    wrong = {"max_tokens": -1, "messages": [5, message([{"type": "video"}, 6])], "tools": 7}
    assert [pointer for _, pointer in refusal(wrong)] == [
        "/max_tokens",
        "/messages/0",
        "/messages/1/content/0/type",
        "/messages/1/content/1",
        "/tools",
    ]


# --- hostile bodies --------------------------------------------------------------------------------------------


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_tool_json_may_have_64_levels_and_no_more() -> None:
    # chat/json-depth
    assert derived(body("x", tools=nested(64))).needs == ("tools",)
    assert refusal(body("x", tools=nested(65))) == [("PIR0720", "/tools" + "/0" * 64)]
    assert len(refusal(body("x", tools=nested(100_000)))) == 1


def test_a_body_that_holds_itself_ends() -> None:
    circle: list[Any] = []
    circle.append(circle)
    assert refusal(body("x", tools=circle)) == [("PIR0720", "/tools" + "/0" * 64)]
    wide: list[Any] = []
    wide += [wide] * 8
    assert {code for code, _ in refusal(body("x", tools=wide))} == {"PIR0720"}


def test_a_body_with_too_many_values_is_refused() -> None:
    # chat/most-values
    assert refusal(body("x", tools=[[0] * (2**10 - 1)] * 2**8)) == [("PIR0720", "/tools/255/1021")]
    assert len(refusal({"messages": [5] * 2**21})) == 100


def test_a_body_with_too_much_text_is_refused() -> None:
    # chat/most-bytes
    text = "é" * 2**20
    assert derived(body(*[text] * 32)).fields["prompt_tokens"] == -(-(2**26) // 3) + 8 * 32
    assert refusal(body(*[text] * 32, "x")) == [("PIR0720", "/messages/32/content")]
    assert refusal(body("x" * (2**26 + 1))) == [("PIR0720", "/messages/0/content")]


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["messages", "role", "content", "type", "text", "tools", "image_url"]), inner),
    max_leaves=20,
))  # fmt: skip
def test_any_value_gives_facts_or_a_refusal(value: object) -> None:
    try:
        facts = facts_of_chat(value, STANDARD)
    except Refused as refusing:
        codes = {found.code.code for found in refusing.diagnostics}
    else:
        codes = set()
        assert facts.min_context == facts.fields["prompt_tokens"] + facts.fields["completion_tokens"]  # type: ignore[operator]
    assert codes <= {"PIR0720", "PIR0113"}


def test_an_estimate_outside_the_range_of_its_field_is_refused() -> None:
    declared = {"sort": "num", "source": "request", "default": 1, "maximum": 10}
    narrow = extend(CORE, {"vocabulary": 1, "name": "narrow", "fields": {"prompt_tokens": declared}}, "narrow")
    assert refusal(body("x" * 100), narrow) == [("PIR0716", "/fields/prompt_tokens")]


def test_stated_amounts_whose_sum_overflows_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        derived(body(), fields={"prompt_tokens": 1e308, "completion_tokens": 1e308})
    assert [(found.code.code, found.pointer) for found in refused.value.diagnostics] == [("PIR0714", "/min_context")]


# --- the short way ---------------------------------------------------------------------------------------------

LOOSE = st.recursive(
    st.sampled_from(["", "hi", "é", "\ud800", None, 0, True, "tool", "assistant"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "text"]), inner, max_size=2),
    max_leaves=4,
)
MESSAGES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"role": st.just("user"), "content": st.text(max_size=9)}),
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(("role", "content", "tool_calls", "function_call", "name"), LOOSE),
        ),
        LOOSE,
    ),
    max_size=5,
)
STATED = st.fixed_dictionaries(
    {},
    optional={
        "needs": st.lists(st.sampled_from(["tools", "vision", "telepathy"]), max_size=2),
        "min_context": st.sampled_from([0, 20, 1e308, -1]),
        "privacy": st.just("no_log"),
        "fields": st.fixed_dictionaries(
            {}, optional={"prompt_tokens": st.sampled_from([0, 3, 1.7e308]), "completion_tokens": st.just(1.7e308)}
        ),
    },
)


@given(MESSAGES, STATED, st.sampled_from([{}, {"max_tokens": 7}, {"max_tokens": "7"}, {"tools": [TOOL]}]))
def test_plain_messages_are_counted_as_all_others_are(messages: Any, stated: Any, more: dict[str, Any]) -> None:
    value = {"messages": messages, **more}

    def answer() -> object:
        try:
            facts = facts_of_chat(value, STANDARD, base=stated)
        except Refused as refused:
            return [repr(found) for found in refused.diagnostics]
        # What is put together here holds as if it had been read, down to the order of its fields.
        assert repr(facts) == repr(read_facts(facts.to_json(), STANDARD))
        assert facts.checked_under is STANDARD
        return repr(facts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Count, "plain", lambda self, message: False)
        by_definition = answer()
    assert answer() == by_definition


@pytest.mark.parametrize("name", ["MOST_BYTES", "MOST_VALUES"])
@pytest.mark.parametrize("most", range(7))
def test_plain_messages_do_not_pass_the_bounds_of_a_body(name: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"policy_ir.chat.{name}", most)
    value, over = body("abc", "de"), most < (5 if name == "MOST_BYTES" else 2)
    if over:
        assert [code for code, _ in refusal(value)] == ["PIR0720"]
    else:
        assert derived(value).fields["prompt_tokens"] == 2 + 16
