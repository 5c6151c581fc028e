"""How inputs are assembled, and the texts of values. Specification: chapter "Calls of a flow"."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_flows import user

from policy_ir.flow.assembly import ASSEMBLY_RULES, Assembled, assemble, rule_of, size_of
from policy_ir.flow.bounds import ASSEMBLED_BYTES
from policy_ir.flow.values import Messages, Text, Value, bytes_of, text_of_message
from policy_ir.testing.flow_strategies import messages, templates
from policy_ir.testing.pools import texts

CHAT = [{"role": "system", "content": "be kind"}, user("first"), {"role": "assistant", "content": "a"}, user("second")]


def made(*inputs: Value, system: str = "", template: str | None = None) -> tuple[str, str | None]:
    assembled = assemble(system, inputs, template)
    return assembled.rule, assembled.text


# --- values --------------------------------------------------------------------------------------------------


def test_the_text_of_the_input_is_that_of_the_last_user_message() -> None:
    assert Messages(CHAT).text == "second"
    assert Messages([user("only"), {"role": "assistant", "content": "later"}]).text == "only"


@pytest.mark.parametrize(
    "chat", [[], [{"role": "system", "content": "x"}], [{"content": "x"}], [user("x") | {"role": 1}]]
)
def test_without_a_user_message_the_text_of_the_input_is_empty(chat: list[dict[str, Any]]) -> None:
    assert Messages(chat).text == ""


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        ([{"type": "text", "text": "a"}, {"type": "image_url", "text": "no"}, {"type": "text", "text": "b"}], "a\nb"),
        (({"type": "text", "text": "a"},), "a"),
        ([{"type": "text", "text": ""}, {"type": "text", "text": ""}], "\n"),
        ([{"type": "refusal", "refusal": "no"}], ""),
        ([{"type": "text", "text": None}, {"type": "text"}, "text", 1, {"type": "text", "text": "c"}], "c"),
        ([], ""),
        (None, ""),
        ({"type": "text", "text": "a"}, ""),
        (7, ""),
    ],
)
def test_the_text_of_a_message_is_its_content_or_the_text_parts_of_it(content: object, text: str) -> None:
    assert text_of_message({"role": "user", "content": content}) == text


def test_a_message_without_content_has_an_empty_text() -> None:
    assert text_of_message({"role": "assistant", "tool_calls": [{}]}) == ""


@given(texts())
def test_a_size_is_the_bytes_of_utf_8(text: str) -> None:
    assert Text(text).size == Messages([user(text)]).size == len(text.encode())


def test_a_lone_surrogate_has_a_size_too() -> None:
    assert bytes_of("\ud800") == 3


# --- the rules -----------------------------------------------------------------------------------------------


def test_the_input_alone_gives_the_messages_as_they_are() -> None:
    assembled = assemble("", [Messages(CHAT)], None)
    assert assembled == Assembled("assemble/messages", tuple(CHAT), "second")
    assert all(mine is theirs for mine, theirs in zip(assembled.messages or (), CHAT, strict=True))


def test_a_system_prompt_stands_before_the_messages_of_the_caller() -> None:
    assembled = assemble("terse", [Messages(CHAT)], None)
    assert assembled.messages == ({"role": "system", "content": "terse"}, *CHAT)
    assert assembled.text == "second"


@pytest.mark.parametrize(
    ("inputs", "template", "rule", "text"),
    [
        ([Text("one")], None, "assemble/single", "one"),
        ([Text("")], None, "assemble/single", ""),
        ([Text("one"), Text("two")], None, "assemble/sections", "[input 1]\none\n\n[input 2]\ntwo"),
        ([Messages(CHAT), Text("")], None, "assemble/sections", "[input 1]\nsecond\n\n[input 2]\n"),
        ([Text("x")] * 10, None, "assemble/sections", "\n\n".join(f"[input {i}]\nx" for i in range(1, 11))),
        ([Messages(CHAT)], "Q: $1", "assemble/template", "Q: second"),
        ([Text("one"), Text("two")], "$2$1$2", "assemble/template", "twoonetwo"),
        ([Text("one")], "", "assemble/template", ""),
        ([Text("x")] * 9 + [Text("ten")], "$10", "assemble/template", "ten"),
    ],
)
def test_one_rule_makes_the_text(inputs: list[Value], template: str | None, rule: str, text: str) -> None:
    assembled = assemble("", inputs, template)
    assert assembled == Assembled(rule, (user(text),), text)  # type: ignore[arg-type]
    assert assemble("terse", inputs, template).messages == ({"role": "system", "content": "terse"}, user(text))


def test_the_system_prompt_is_no_part_of_the_text() -> None:
    assert made(Text("one"), system="terse") == ("assemble/single", "one")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("costs 5$", "costs 5$"),
        ("$ $x $$", "$ $x $$"),
        ("$$1", "$one"),
        ("$1$", "one$"),
        ("$1 0", "one 0"),
        ("$٣", "$٣"),
    ],
)
def test_a_dollar_before_anything_but_a_digit_is_itself(template: str, text: str) -> None:
    assert made(Text("one"), template=template) == ("assemble/template", text)


def test_what_was_put_in_is_looked_at_no_more() -> None:
    assert made(Text("$2"), Text("$1"), template="$1 $2 $") == ("assemble/template", "$2 $1 $")
    assert made(Text("$"), Text("1"), template="$1$2") == ("assemble/template", "$1")


@pytest.mark.parametrize("template", ["$2", "$0", "$01", "$" + "9" * 5000])
def test_a_reference_to_no_input_is_an_error_of_the_host(template: str) -> None:
    for ask in (rule_of, size_of):
        with pytest.raises(ValueError, match="the template refers to"):
            ask([Text("one")], template)
    with pytest.raises(ValueError, match="and has 1 inputs"):
        assemble("", [Text("one")], template)


# --- the limit -----------------------------------------------------------------------------------------------

FULL = "x" * ASSEMBLED_BYTES


@pytest.mark.parametrize(
    ("inputs", "template", "rule"),
    [
        ([Text(FULL)], None, "assemble/single"),
        ([Text(FULL + "x")], None, "assemble/limit"),
        ([Text(FULL[22:]), Text("")], None, "assemble/sections"),
        ([Text(FULL[21:]), Text("")], None, "assemble/limit"),
        ([Text(FULL)], "$1", "assemble/template"),
        ([Text(FULL)], "$1 ", "assemble/limit"),
        ([Text(FULL)], "$1$1", "assemble/limit"),
        ([Text("é" * (ASSEMBLED_BYTES // 2))], None, "assemble/single"),
        ([Text("é" * (ASSEMBLED_BYTES // 2) + "x")], None, "assemble/limit"),
        ([Text(FULL[2:])], "é$1", "assemble/template"),
        ([Text(FULL[1:])], "é$1", "assemble/limit"),
        ([Messages([user(FULL + "x")])], None, "assemble/messages"),
        ([Messages([user(FULL + "x")])], "$1", "assemble/limit"),
    ],
)
def test_a_text_has_four_mebibytes_at_most_but_for_the_messages_of_the_caller(
    inputs: list[Value], template: str | None, rule: str
) -> None:
    assert rule_of(inputs, template) == rule
    assert (assemble("s" * 1000, inputs, template).messages is None) == (rule == "assemble/limit")


def test_a_text_that_would_be_too_long_is_not_made() -> None:
    inputs, template = [Text("x" * 2**20)], "$1" * 2**14
    tracemalloc.start()
    try:
        assert assemble("", inputs, template) == Assembled("assemble/limit")
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()
    assert size_of(inputs, template) == 2**34


@st.composite
def assemblies(draw: st.DrawFn) -> tuple[str, list[Value], str | None]:
    inputs: list[Value] = [Text(text) for text in draw(st.lists(texts(), max_size=4))]
    if not inputs or draw(st.booleans()):
        inputs.insert(draw(st.integers(0, len(inputs))), Messages(draw(messages())))
    return draw(texts()), inputs, draw(st.none() | templates(len(inputs)))


@given(assemblies())
def test_the_size_is_known_before_the_text_is_made(case: tuple[str, list[Value], str | None]) -> None:
    system, inputs, template = case
    assembled = assemble(system, inputs, template)
    assert assembled.text is not None
    assert assembled.rule in ASSEMBLY_RULES
    assert bytes_of(assembled.text) == size_of(inputs, template)
    if template is not None:
        for place in range(len(inputs), 0, -1):
            assert f"${place}" not in template or inputs[place - 1].text in assembled.text
