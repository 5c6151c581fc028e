"""The places of values in TOML, held to what the standard library reads there."""

from __future__ import annotations

import contextlib
import time
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.syntax.document import Span
from policy_ir.syntax.places import step
from policy_ir.syntax.toml_places import error_span, toml_places

# --- random documents: the text is drawn, and the standard library says what it means ---------------------------

NAMES = ("a", "b", "c-d", "0", '"a b"', "'x.y'", '"\\u0062q\\t"', '"="', '"]"', '"#"', '""')
SCALARS = (
    "1", "-0.5e3", "inf", "true", "1979-05-27", "1979-05-27 07:32:00Z", "07:32:00", "1979-05-27T07:32:00-07:00",
    '""', '"a # b ] } , = \\" \\\\"', "''", "'a \\'", '"""\na "" b\n"""', '""""q""""', '"""\\"""""', "'''\n'x''\n'''",
    "''''''", "''''a'''''", '"""a \\\n  b"""', '"😀é"',
)  # fmt: skip
BLANKS = ("", " ", "\t", " # ] } ' \"\n", "\n", "\r\n")


@st.composite
def values(draw: st.DrawFn, depth: int = 3) -> str:
    kind = draw(st.integers(0, 3 if depth else 0))
    if kind <= 1:
        return draw(st.sampled_from(SCALARS))
    gap = st.sampled_from(BLANKS)
    if kind == 2:
        parts = draw(st.lists(values(depth - 1), max_size=3))
        ends = "," if parts and draw(st.booleans()) else ""
        return f"[{draw(gap)}{','.join(draw(gap) + part + draw(gap) for part in parts)}{ends}{draw(gap)}]"
    members = draw(st.lists(st.tuples(keys(), values(depth - 1)), max_size=3))
    return "{ " + ", ".join(f"{key} = {part}" for key, part in members) + " }"


def keys() -> st.SearchStrategy[str]:
    dot = st.sampled_from((".", " . "))
    return st.builds(lambda parts, by: by.join(parts), st.lists(st.sampled_from(NAMES), min_size=1, max_size=3), dot)


def lines() -> st.SearchStrategy[str]:
    pairs = st.builds("{} = {}".format, keys(), values())
    headers = st.builds("[{}]".format, keys()) | st.builds("[[ {} ]]".format, keys())
    remarks = st.sampled_from(("", "  # [a]", "\t"))
    return st.builds("{}{}".format, pairs | headers, remarks) | st.sampled_from(("", "# a = 1"))


@st.composite
def documents(draw: st.DrawFn) -> str:
    """TOML: of the lines drawn, those that the standard library takes after the ones before them."""
    text = ""
    end = draw(st.sampled_from(("\n", "\r\n")))
    for line in draw(st.lists(lines(), max_size=8)):
        try:
            tomllib.loads(text + line + end)
        except tomllib.TOMLDecodeError:
            continue
        text += line + end
    return text


def entries(value: object, pointer: str = "") -> Iterator[tuple[str, object]]:
    yield pointer, value
    parts: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from entries(part, step(pointer, key))


@given(documents())
def test_every_value_is_found_where_it_stands(text: str) -> None:
    places = toml_places(text)
    found = dict(entries(tomllib.loads(text)))
    assert set(places) == set(found)
    for pointer, value in found.items():
        span = places[pointer]
        shown = text[span.start : span.end]
        assert pointer == "" or _is(shown, value) or (isinstance(value, dict | list) and _names(shown, pointer))


@given(documents())
def test_every_key_is_found_where_it_stands(text: str) -> None:
    places = toml_places(text)
    assert places.of_key("") is None
    for pointer in places:
        span = places.of_key(pointer)
        if span is not None:
            (key,) = tomllib.loads(f"{text[span.start : span.end]} = 1")
            assert step(pointer.rpartition("/")[0], key) == pointer


def _is(shown: str, value: object) -> bool:
    """Whether a piece of text is a value."""
    try:
        return repr(tomllib.loads(f"x = {shown}")["x"]) == repr(value)
    except tomllib.TOMLDecodeError:
        return False


def _names(shown: str, pointer: str) -> bool:
    """Whether a piece of text is the header or the key of a table, of an array of tables or of one of its entries."""
    value: Any = tomllib.loads(shown if shown.startswith("[") else f"{shown} = {{}}")
    last = ""
    while value:
        value = value[0] if isinstance(value, list) else value
        last, value = next(iter(value.items()), (last, {}))
    named = pointer.rpartition("/")[0] if shown.startswith("[[") else pointer
    return pointer.endswith(step("", last)) or named.endswith(step("", last))


def test_a_table_is_found_at_its_own_header_even_where_it_comes_late() -> None:
    text = "[a.b]\nx = 1\n[a]\ny = 2\n"
    places = toml_places(text)
    assert text[places["/a"].start : places["/a"].end] == "[a]"
    assert text[places["/a/b"].start : places["/a/b"].end] == "[a.b]"
    assert text[places["/a/b/x"].start :].startswith("1")
    assert text[places["/a/y"].start :].startswith("2")


# --- texts that are no TOML, and texts made to take long --------------------------------------------------------


@given(st.text(alphabet="a=.[]{}'\"\\#, \n1", max_size=60))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    try:
        toml_places(text)
    except ValueError:
        with pytest.raises(tomllib.TOMLDecodeError):
            tomllib.loads(text)


@pytest.mark.parametrize("text", ["= 1", "a = ", "[]", "a = 1\n[a.b]", "a = [1", "a = {", "a = {b"])
def test_what_is_no_toml_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"no (key|value|table) at"):
        toml_places(text)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "[" * 50_000 + "]" * 50_000,
        "a = " + "{a=" * 50_000,
        "a = '" + "'" * 100_000,
        'a = "' + "\\" * 100_000,
        'a = """' + '""\\' * 30_000,
        "a = '''" + "''a" * 30_000,
        "[" * 100_000,
        "a" * 100_000,
        "\n".join(f"[a.b{i}.c]" for i in range(10_000)),
        "[[a]]\n" * 20_000,
        "a = [" + "1," * 50_000 + "]",
        "#" * 100_000,
        " " * 100_000,
        "x = " + "1 " * 50_000,
    ],
    ids=range(15),
)
def test_no_text_of_the_size_of_a_file_takes_long(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(ValueError):
        toml_places(text)
    assert time.process_time() - began < 2


def test_the_place_of_an_error_is_the_one_that_the_reader_names() -> None:
    text = "a = 1\r\nb = nothing\n"
    with pytest.raises(tomllib.TOMLDecodeError) as refused:
        tomllib.loads(text)
    assert error_span(text, str(refused.value)) == Span(text.index("nothing"), text.index("nothing") + 1)
    assert error_span("a = ", "Invalid value (at end of document)") == Span(4, 4)
    assert error_span("a = ", "something else") is None
