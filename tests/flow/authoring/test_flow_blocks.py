"""Texts of several lines: how they are read, what is wrong with them, and how they are written."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.diagnostics import Refused
from policy_ir.flow.authoring import parse_authoring_flow, print_authoring_flow
from policy_ir.flow.tree import Flow, Llm


def flow_with(text: str) -> str:
    return f"flow {{ llm a(q) {{ policy {{ }} template {text} }} }}"


def node(document_text: str) -> Llm:
    flow = parse_authoring_flow(document_text).flow
    assert flow is not None
    return flow.calls["a"]


READINGS = {
    '"""\n"""': "",
    '"""\n\n"""': "",
    '"""\n\n\n"""': "\n",
    '"""\na\n"""': "a",
    '""" \t\n  a\n    b\n\n  c\n  """': "a\n  b\n\nc",
    '"""\r\n\ta\r\n \t \r\n\tb\r\n\t"""': "a\n\nb",
    '"""\n  a\\n\\t\\u0041\\ud83d\\ude00\\\\\n  """': "a\n\tA😀\\",
    '"""\n  \\""" and "" and " \\"\n  """': '""" and "" and " "',
    '"""\n  # no comment\n  // nor this\n  """': "# no comment\n// nor this",
    '"""\n  a\\u0020\n  \\t\n  """': "a \n\t",
    '"""\n a\tb  \n """': "a\tb  ",
}


@pytest.mark.parametrize("written", READINGS)
def test_a_block_is_its_lines_without_the_indentation_of_its_closing_quotes(written: str) -> None:
    assert "`flow-authoring/block`"
    assert node(flow_with(written)).template == READINGS[written]


REFUSALS = {
    '"""\n a': [("PIR0108", '"""')],
    '"""a"""': [("PIR0108", '"""a"""')],
    '""""""': [("PIR0108", '""""""')],
    '"""a\n"""': [("PIR0108", '"""a')],
    '"""\n a"""': [("PIR0108", '"""')],
    '"""\n  a\n b\nc\n\t d\n  """': [("PIR1046", " b"), ("PIR1046", "c"), ("PIR1046", "\t d")],
    '"""\na\n\t  """': [("PIR1046", "a")],
    '"""\n \\x\\u12 \\ud800\n """': [("PIR0108", "\\x"), ("PIR0108", "\\u")],
    '"""\n a\rb\x07\n """': [("PIR0108", "\r"), ("PIR0108", "\x07")],
    '"""\n a\\\n b\n """': [("PIR0108", "\\")],
    '"""\n a\\ud800\n """': [("PIR0113", "\\ud800")],
    '"\\ud800"': [("PIR0113", "\\ud800")],
}


@pytest.mark.parametrize("written", REFUSALS)
def test_what_is_wrong_with_a_block_is_said_where_it_is_wrong(written: str) -> None:
    text = flow_with(written)
    with pytest.raises(Refused) as refused:
        parse_authoring_flow(text)
    found = [(one.code.code, one.span and text[one.span.start : one.span.end]) for one in refused.value.diagnostics]
    assert found == REFUSALS[written]


def test_the_indentation_that_is_found_and_that_which_is_due_are_named() -> None:
    with pytest.raises(Refused) as refused:
        parse_authoring_flow(flow_with('"""\na\n\t\t  """'))
    (found,) = refused.value.diagnostics
    assert (found.found, found.expected) == ("no indentation", "2 tabs and 2 spaces")


WRITINGS = {
    "a\nb": '"""\n        a\n        b\n        """',
    "\n": '"""\n\n\n        """',
    'a\n"""" \\ "': '"""\n        a\n        \\"\\""" \\\\ \\"\n        """',
    "a \nb\t\n\tc": '"""\n        a\\u0020\n        b\\t\n        \tc\n        """',
    " \n   \n\t\t": '"""\n        \\u0020\n        \\u0020 \\u0020\n        \\t\\t\n        """',
    "a\r\nb": '"""\n        a\\r\n        b\n        """',
    "one line\t": '"one line\\t"',
    "": '""',
}


@pytest.mark.parametrize("text", WRITINGS)
def test_a_text_with_a_line_feed_is_written_as_a_block(text: str) -> None:
    assert "`flow-print/text`"
    plain = node(flow_with('""'))
    written = print_authoring_flow(Flow({"a": attrs.evolve(plain, template=text)}))
    at = written.index("template ") + len("template ")
    assert written[at : written.index("\n  }\n}")].replace("\n      ", "\n        ") == WRITINGS[text]
    assert node(written).template == text


@given(st.text(st.sampled_from('a"\\ \t\n\r\u2028é$1\x00\x7f'), max_size=20))
def test_every_text_is_written_so_that_it_is_read_again(text: str) -> None:
    plain = node(flow_with('""'))
    written = print_authoring_flow(Flow({"a": attrs.evolve(plain, template=text, system=text)}))
    again = node(written)
    assert (again.template, again.system) == (text, text)
    assert not any(line.endswith((" ", "\t", "\r")) for line in written.split("\n"))
