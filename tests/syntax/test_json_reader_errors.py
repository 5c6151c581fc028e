"""Whatever is wrong with a JSON text is found, each thing once, where it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.syntax.json_reader import read_json


def findings(text: str, **options: Any) -> tuple[Diagnostic, ...]:
    with pytest.raises(Refused) as refused:
        read_json(text, **options)
    return refused.value.diagnostics


def found_in(text: str) -> list[tuple[str, str]]:
    """The codes with the text they mark."""
    return [(found.code.code, text[found.span.start : found.span.end]) for found in findings(text) if found.span]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # characters that start no token
        ('["a"; "b"]', [("PIR0101", ";")]),
        ('{"a" = 1}', [("PIR0101", "=")]),
        ('["a" ;"b" "c"]', [("PIR0101", ";"), ("PIR0105", '"c"')]),
        ("[;]", [("PIR0101", ";")]),
        ("[1,\u00a02]", [("PIR0101", "\u00a0")]),
        ("[1\ufeff]", [("PIR0101", "\ufeff")]),
        ("[“a”, “b]", [("PIR0101", "“a”"), ("PIR0101", "“b")]),
        ("[/]", [("PIR0101", "/")]),
        ("[meets_req, True, undefined]", [("PIR0101", "meets_req"), ("PIR0101", "True"), ("PIR0101", "undefined")]),
        ('{action: "abort"}', [("PIR0101", "action")]),
        ("\x00\x01\x02", [("PIR0101", "\x00\x01\x02")]),
        ("[\ud800]", [("PIR0101", "\ud800")]),
        # tokens that cannot stand there
        ("[1,,2]", [("PIR0102", ",")]),
        ("[,1]", [("PIR0102", ",")]),
        (",", [("PIR0102", ",")]),
        (":", [("PIR0102", ":")]),
        ('["a": 1]', [("PIR0102", ":")]),
        ('{"a": "b": 1}', [("PIR0102", ":")]),
        ('{"a": }', [("PIR0102", "}")]),
        ('{"a"}', [("PIR0102", "}")]),
        ('{"a", "b": 1}', [("PIR0102", ",")]),
        ("{1: 2}", [("PIR0102", "1")]),
        ("{true: 2, null: 3}", [("PIR0102", "true"), ("PIR0102", "null")]),
        ("{: 1}", [("PIR0102", ":")]),
        ('{,"a": 1}', [("PIR0102", ",")]),
        ('{"a": 1,,"b": 2}', [("PIR0102", ",")]),
        ("[,]", [("PIR0102", ",")]),
        ("[1,,]", [("PIR0102", ","), ("PIR0106", ",")]),
        ('{"a": 1,,}', [("PIR0102", ","), ("PIR0106", ",")]),
        ('{["a"]}', [("PIR0102", "[")]),
        ('{{"a": 1}}', [("PIR0102", "{")]),
        # after the value only comments and closing brackets are what they are
        ("[1] ;", [("PIR0107", ";")]),
        ("[1]\u00a0", [("PIR0107", "\u00a0")]),
        ("[1] “a”", [("PIR0107", "“a”")]),
        ('["a"]"b]', [("PIR0107", '"b]')]),
        (r'0"\q"', [("PIR0107", r'"\q"')]),
        ("0é", [("PIR0107", "é")]),
        ("[1] # a", [("PIR0116", "# a")]),
        ("[1] # a\n2 3", [("PIR0116", "# a"), ("PIR0107", "2 3")]),
        ("[1] /* a */ 'b", [("PIR0116", "/* a */"), ("PIR0107", "'b")]),
        ("[1]]", [("PIR0104", "]")]),
        # brackets
        ("[[1, 2", [("PIR0103", "")]),
        ('[{"a":', [("PIR0103", "")]),
        ('[{"a": 1]', [("PIR0103", "]")]),
        ('[{"a": [1, {}, 2}]', [("PIR0103", "}")]),
        ('[{"a": {"b": ["c"]', [("PIR0103", "")]),
        ("[1}", [("PIR0104", "}")]),
        ('["a"}, 1]', [("PIR0104", "}")]),
        ('["top"]]', [("PIR0104", "]")]),
        ("]", [("PIR0104", "]")]),
        ("}1", [("PIR0104", "}")]),
        # commas and colons
        ('["a" "b" 1]', [("PIR0105", '"b"'), ("PIR0105", "1")]),
        ('{"a": 1 "b": 2}', [("PIR0105", '"b"')]),
        ('{"a" 1}', [("PIR0105", "1")]),
        ("[[1] [2]]", [("PIR0105", "[")]),
        ("[1, ]", [("PIR0106", ",")]),
        ('{"a": 1, }', [("PIR0106", ",")]),
        ("[1, # a\n /* b */]", [("PIR0106", ","), ("PIR0116", "# a"), ("PIR0116", "/* b */")]),
        # only a comma that stands before the bracket is one too many
        ('["a", :]', [("PIR0102", ":")]),
        ('["a":]', [("PIR0102", ":")]),
        ('{"a": 1, ;}', [("PIR0101", ";")]),
        # after the term
        ('["top"] ["bot"] [', [("PIR0107", '["bot"] [')]),
        ('["top"], 1', [("PIR0107", ", 1")]),
        ('["top"] yes 1  \n', [("PIR0107", "yes 1")]),
        # strings
        ('["a, 1]', [("PIR0108", '"a, 1]')]),
        ('["a\n", 1]', [("PIR0108", '"a')]),
        ('["a\\', [("PIR0108", '"a')]),
        (r'["\x41", "\u12", "\'"]', [("PIR0108", r"\x"), ("PIR0108", r"\u"), ("PIR0108", r"\'")]),
        (r'[1 "\q"]', [("PIR0108", r"\q")]),
        ('["\\ud800\\\n"]', [("PIR0108", '"\\ud800')]),
        ('["a\tb\x01"]', [("PIR0108", "\t"), ("PIR0108", "\x01")]),
        (r'["\ud800", "\udc00\ud800"]', [("PIR0113", r"\ud800"), ("PIR0113", r"\udc00"), ("PIR0113", r"\ud800")]),
        ('["\ud800\udc00"]', [("PIR0113", "\ud800"), ("PIR0113", "\udc00")]),
        (r'["\ud800' + '\udc00"]', [("PIR0113", r"\ud800"), ("PIR0113", "\udc00")]),
        (r'["\ud83d\u0041"]', [("PIR0113", r"\ud83d")]),
        ("['a', 'it\\'s', 'b]", [("PIR0117", "'a'"), ("PIR0117", "'it\\'s'"), ("PIR0117", "'b]")]),
        # numbers
        ("[01, -012]", [("PIR0109", "01"), ("PIR0109", "-012")]),
        ("[+1, .5, 1., 1.e5, -.5]", [("PIR0109", one) for one in ("+1", ".5", "1.", "1.e5", "-.5")]),
        ("[1_000, 0x1F, 1e, 12px, 1-2, -]", [("PIR0109", one) for one in ("1_000", "0x1F", "1e", "12px", "1-2", "-")]),
        ("[+.5-x_]", [("PIR0109", "+.5-x_")]),
        ("[٣]", [("PIR0101", "٣")]),
        # letters and digits beyond ASCII end numbers and words
        ("[12²]", [("PIR0101", "²")]),
        ("[29é]", [("PIR0101", "é")]),
        ("[01é]", [("PIR0109", "01"), ("PIR0101", "é")]),
        ("[trueé]", [("PIR0101", "é")]),
        ("[null²]", [("PIR0115", "null"), ("PIR0101", "²")]),
        ("[nané]", [("PIR0112", "nan"), ("PIR0101", "é")]),
        ("[énan]", [("PIR0101", "énan")]),
        ("[+ınf]", [("PIR0109", "+"), ("PIR0101", "ınf"), ("PIR0105", "ınf")]),
        ("[1e309, -1e400]", [("PIR0110", "1e309"), ("PIR0110", "-1e400")]),
        ("[1e-400, -0.1e-9999]", [("PIR0111", "1e-400"), ("PIR0111", "-0.1e-9999")]),
        ("[NaN, Infinity, -Infinity, +inf, nan]", [("PIR0112", one) for one in
         ("NaN", "Infinity", "-Infinity", "+inf", "nan")]),
        ("NaN.0", [("PIR0112", "NaN"), ("PIR0107", ".0")]),
        ("[+inf.0, ++inf, -inf_]", [("PIR0109", one) for one in ("+inf.0", "++inf", "-inf_")]),
        ("[nan_, infinit]", [("PIR0101", "nan_"), ("PIR0101", "infinit")]),
        # values that JSON has and the language has not
        ("[null]", [("PIR0115", "null")]),
        ('{"a": 1, "b": 2, "\\u0061": 3, "a": 4}', [("PIR0114", '"\\u0061"'), ("PIR0114", '"a"')]),
        # comments
        ('// one\n["a", # two\n /* three\n */ "b"] /* four', [("PIR0116", "// one"), ("PIR0116", "# two"),
         ("PIR0116", "/* three\n */"), ("PIR0116", "/* four")]),
    ],
)  # fmt: skip
def test_each_thing_that_is_wrong_is_found_once(text: str, found: list[tuple[str, str]]) -> None:
    assert found_in(text) == found


def test_many_things_are_found_in_one_reading() -> None:
    text = '{\'a\': 01, "b" null, "b": [1 2,], // c\n "d": NaN'
    assert found_in(text) == [
        ("PIR0117", "'a'"),
        ("PIR0109", "01"),
        ("PIR0105", "null"),
        ("PIR0115", "null"),
        ("PIR0114", '"b"'),
        ("PIR0105", "2"),
        ("PIR0106", ","),
        ("PIR0116", "// c"),
        ("PIR0112", "NaN"),
        ("PIR0103", ""),
    ]


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("null", ""),
        ("[1, null]", "/1"),
        ('{"a": [true, {"b/c": null}]}', "/a/1/b~1c"),
        ('[{"a": 1, "a": 2}]', "/0/a"),
        ("[1 2]", ""),
        ('[[1], {"a": 2 }', ""),
    ],
)
def test_a_finding_points_at_the_value_it_is_in(text: str, pointer: str) -> None:
    assert [found.pointer for found in findings(text)] == [pointer]


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("[+1]", "leave out the `+`"),
        ("[1_0]", "leave out the `_`"),
        ("[0b1]", "numbers are written in decimal"),
        ("[007]", "leave out the leading zeros"),
        ("[.5]", "write a digit before the point"),
        ("[5.]", "write a digit after the point"),
        ("[1e]", None),
        ("[None]", "the language has no null: leave the entry out"),
        ("[TRUE]", "write `true`"),
        ("[abort]", 'strings are written in double quotes: `"abort"`'),
        ('["a', 'close it with `"`; a line break in a string is written `\\n`'),
        (r'["\u1"]', "`\\u` is followed by four hexadecimal digits"),
        (r"""["\'"]""", "write `'`"),
        ('["\x1b"]', "write it as `\\u001b`"),
        ("[1\x0b]", "between tokens stand only spaces, tabs and line ends"),
        ("[[1, {", "the text ends where `}]]` is due"),
        ("[1,]", "leave it out"),
    ],
)
def test_the_help_says_what_to_write(text: str, help_: str | None) -> None:
    assert [found.help for found in findings(text)] == [help_]


def test_what_could_come_next_is_named() -> None:
    assert [found.expected for found in findings("[1, {")] == ["a key in double quotes or `}`"]
    assert [found.expected for found in findings('{"a": 1, ')] == ["a key in double quotes"]
    assert [found.expected for found in findings("[")] == ["a value or `]`"]


def test_an_open_bracket_is_named_by_its_place() -> None:
    assert [found.message for found in findings('["and",\n  ["top"')] == ["`[` of line 2, column 3 is not closed"]
    assert [found.message for found in findings('[\n{"a": 1]')] == ["`{` of line 2, column 1 is not closed before `]`"]


def test_findings_name_their_source_and_carry_the_text() -> None:
    with pytest.raises(Refused) as refused:
        read_json("[null]", "house.json")
    assert refused.value.document is not None
    assert (refused.value.document.text, refused.value.diagnostics[0].source) == ("[null]", "house.json")


def test_reading_stops_at_a_hundred_findings() -> None:
    assert len(findings("[" + "null," * 1000 + "1]")) == 100


def test_a_byte_order_mark_and_a_blank_text_are_refused() -> None:
    assert [found.code.code for found in findings("\ufeff[]")] == ["PIR0003"]
    assert [found.code.code for found in findings(" \n\t\r")] == ["PIR0005"]


@given(
    st.text(
        alphabet=st.sampled_from(list("[]{},:\"\\'/*#-+.0123eEnulltruefalsNaI \n\t\x00é\ud800\ufeff;=“")), max_size=40
    )
)
def test_a_text_is_read_exactly_if_it_is_json_of_the_language(text: str) -> None:
    try:
        expected: Any = strict(text)
    except ValueError:
        assert findings(text)
    else:
        assert read_json(text).value == expected


def strict(text: str) -> Any:
    """The same by the standard library's reader, with what it lets through refused; ValueError if not."""

    def refuse(word: str) -> Any:
        raise ValueError(word)

    def number(literal: str) -> float:
        value = float(literal)
        if value in (float("inf"), float("-inf")) or (value == 0 and literal.lower().split("e")[0].strip("-0.")):
            raise ValueError(literal)
        return value

    def record(members: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(members)) < len(members):
            raise ValueError("a key twice")
        return dict(members)

    value = json.loads(text, parse_constant=refuse, parse_float=number, parse_int=number, object_pairs_hook=record)
    check(value)
    return value


def check(value: Any) -> None:
    if value is None:
        raise ValueError("null")
    if isinstance(value, str):
        value.encode()
    for entry in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        check(entry)
    for key in value if isinstance(value, dict) else ():
        check(key)


@given(st.data())
def test_a_text_with_a_few_wrong_characters_is_read_as_the_standard_library_reads_it(data: st.DataObject) -> None:
    from policy_ir.testing.strategies import mangled_text

    text = data.draw(mangled_text())
    try:
        expected = strict(text)
    except ValueError:
        assert findings(text)
    else:
        assert read_json(text).value == expected
