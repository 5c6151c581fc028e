"""Diagnostics: a stable code, a place, and what to do, for people and for machines."""

from __future__ import annotations

import re

import pytest

from policy_ir.diagnostics import CODES, Diagnostic, Refused, Severity, codes, quoted, render_human, suggestion, to_json
from policy_ir.syntax.document import Document, Span

TEXT = '["and",\n  ["is", "disabld"]]'
DOCUMENT = Document(name="house.json", text=TEXT, spans={"": Span(0, len(TEXT)), "/1/1": Span(17, 26)})
FOUND = Diagnostic(
    code=codes.UNDECLARED_FIELD,
    message="the vocabulary has no field `disabld`",
    pointer="/1/1",
    found="`disabld`",
    expected="the name of a boolean field",
    help="did you mean `disabled`?",
)


def test_every_code_is_registered_once_under_its_own_text() -> None:
    assert all(re.fullmatch(r"PIR\d{4}", text) and code.code == text for text, code in CODES.items())
    assert len({code.title for code in CODES.values()}) == len(CODES)


def test_only_lints_and_notes_on_imports_and_endpoints_are_warnings() -> None:
    warnings = {text for text, code in CODES.items() if code.severity is Severity.WARNING}
    lints_of_flows = {codes.UNUSED_POLICY.code, codes.UNUSED_INPUT.code}
    assert {text[:5] for text in warnings - lints_of_flows} <= {"PIR05", "PIR06", "PIR09"}


def test_a_person_sees_the_line_with_the_place_marked() -> None:
    assert render_human(Refused([FOUND], DOCUMENT).diagnostics, DOCUMENT).splitlines() == [
        "error[PIR0401]: the vocabulary has no field `disabld`",
        " --> house.json:2:10 at /1/1",
        "  |",
        '2 |   ["is", "disabld"]]',
        "  |          ^^^^^^^^^ expected the name of a boolean field",
        "  = help: did you mean `disabled`?",
    ]


def test_without_a_text_a_person_sees_the_pointer() -> None:
    assert render_human([FOUND]).splitlines() == [
        "error[PIR0401]: the vocabulary has no field `disabld`",
        " --> at /1/1",
        "  = expected the name of a boolean field",
        "  = help: did you mean `disabled`?",
    ]


def test_a_diagnostic_with_neither_place_nor_help_is_its_message() -> None:
    bare = Diagnostic(code=codes.UNREADABLE, message="`x` is a directory")
    assert render_human([bare]) == "error[PIR0001]: `x` is a directory"


def test_colour_is_an_option_and_changes_nothing_else() -> None:
    coloured = render_human([FOUND.located(DOCUMENT)], DOCUMENT, colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_human([FOUND.located(DOCUMENT)], DOCUMENT)
    assert "\x1b[1;31m" in coloured


def test_a_machine_sees_offsets_lines_and_columns() -> None:
    assert to_json(FOUND.located(DOCUMENT), DOCUMENT) == {
        "code": "PIR0401",
        "severity": "error",
        "message": "the vocabulary has no field `disabld`",
        "source": "house.json",
        "pointer": "/1/1",
        "span": {"start": 17, "end": 26, "line": 2, "column": 10, "end_line": 2, "end_column": 19},
        "found": "`disabld`",
        "expected": "the name of a boolean field",
        "help": "did you mean `disabled`?",
    }
    assert to_json(FOUND)["span"] is None
    assert to_json(FOUND.located(DOCUMENT))["span"] == {"start": 17, "end": 26}


def test_a_pointer_without_a_place_of_its_own_takes_the_nearest_enclosing_one() -> None:
    assert DOCUMENT.span_of("/1/1/0") == Span(17, 26)
    assert DOCUMENT.span_of("/7") == Span(0, len(TEXT))
    assert Document(name="x").span_of("/7") is None
    assert Diagnostic(code=codes.NULL, message="m").located(DOCUMENT).span is None


def test_diagnostics_come_in_source_order_and_those_without_a_place_last() -> None:
    late = Diagnostic(code=codes.NULL, message="late", span=Span(9, 10))
    early = Diagnostic(code=codes.NULL, message="early", span=Span(2, 3))
    nowhere = Diagnostic(code=codes.NULL, message="nowhere")
    assert [found.message for found in Refused([nowhere, late, early]).diagnostics] == ["early", "late", "nowhere"]


def test_a_long_line_is_cut_around_the_mark() -> None:
    text = "[" + "1," * 500 + "x]"
    long = Diagnostic(code=codes.UNEXPECTED_CHARACTER, message="m", span=Span(1001, 1002))
    lines = render_human([long], Document(name="f", text=text)).splitlines()
    assert all(len(line) < 130 for line in lines)
    assert lines[3].endswith("x]")
    assert lines[4].index("^") == lines[3].index("x]")
    first = render_human([Diagnostic(code=codes.NULL, message="m", span=Span(0, 1))], Document(name="f", text=text))
    assert first.splitlines()[3].endswith("…")


def test_wide_and_combining_characters_do_not_shift_the_mark() -> None:
    document = Document(name="f", text='["模e\u0301", x]')
    marked = Diagnostic(code=codes.UNEXPECTED_CHARACTER, message="m", span=Span(8, 9))
    assert render_human([marked], document).splitlines()[4] == "  |         ^"


def test_control_characters_of_the_input_never_reach_the_terminal() -> None:
    document = Document(name="f", text='"\x1b[31m\t"')
    marked = Diagnostic(code=codes.BAD_STRING, message=f"found {quoted(chr(27))}", span=Span(0, 8))
    assert "\x1b" not in render_human([marked], document)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("price", "`price`"),
        ("\x1b[31m", "`\\x1b[31m`"),
        ("\ud800", "`\\ud800`"),
        ("x" * 65, "`" + "x" * 63 + "…`"),
        (None, "`null`"),
        (True, "`true`"),
        (False, "`false`"),
        (7, "`7`"),
        pytest.param(10**5000, "`an integer of many digits`", id="many digits"),
        (2.0, "`2`"),
        (0.5, "`0.5`"),
        (1e300, "`1e+300`"),
        ([1], "`[…]`"),
        ({"a": 1}, "`{…}`"),
        (b"x", "`a value of another kind`"),
    ],
)
def test_what_a_user_wrote_is_quoted_short_and_printable(value: object, shown: str) -> None:
    assert quoted(value) == shown


def test_a_misspelt_name_gets_the_nearest_known_one() -> None:
    assert suggestion("pric_out", ["price_in", "price_out"]) == "price_out"
    assert suggestion("Price_Out", ["price_in", "price_out"]) == "price_out"
    assert suggestion("zzz", ["price_in"]) is None
    assert suggestion("p" * 65, ["p" * 64]) is None


def test_a_refusal_names_its_first_causes() -> None:
    refusal = Refused.because(codes.BAD_SEED, "the seed is `-1`", expected="an integer from 0 to 2^53 - 1")
    assert str(refusal) == "PIR0730: the seed is `-1`"
    assert refusal.document is None
    assert refusal.diagnostics[0].severity is Severity.ERROR


def test_a_line_that_ends_as_in_windows_is_shown_without_its_end() -> None:
    document = Document(name="a.policy", text="filter a\r\n  and b\r\n")
    found = Diagnostic(code=codes.NULL, message="no", span=Span(7, 8))
    assert "1 | filter a\n" in render_human([found], document)
    at_the_end = Diagnostic(code=codes.NULL, message="no", span=Span(8, 9))
    assert "1 |" in render_human([at_the_end], document)


# --- several texts --------------------------------------------------------------------------------------------


def test_a_refusal_of_several_texts_shows_each_finding_in_its_own() -> None:
    first = Document(name="a.toml", text="one\ntwo\n", spans={"/x": Span(4, 7)})
    second = Document(name="b.policy", text="filter wrong\n", spans={"/y": Span(7, 12)})
    refusals = [
        Refused([Diagnostic(code=codes.CONFIG_TYPE, message="not so", pointer="/x")], first),
        Refused([Diagnostic(code=codes.UNDECLARED_FIELD, message="nor so", pointer="/y")], second),
        Refused([Diagnostic(code=codes.UNREADABLE, message="not there", source="c.policy")]),
    ]
    joined = Refused.joined(refusals)
    assert [found.message for found in joined.diagnostics] == ["not so", "nor so", "not there"]
    assert str(joined) == "PIR0904: not so; PIR0401: nor so; PIR0001: not there"
    shown = render_human(joined.diagnostics, joined.texts)
    for place in ("--> a.toml:2:1 at /x", "--> b.policy:1:8 at /y", "--> c.policy"):
        assert place in shown
    lines = [to_json(found, joined.texts)["span"] for found in joined.diagnostics]
    assert [span and (span["line"], span["column"]) for span in lines] == [(2, 1), (1, 8), None]
    assert refusals[0].texts is first
