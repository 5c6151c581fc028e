"""One reading reports a misspelt operation and the misspelt fields around it."""

from __future__ import annotations

import pytest

from policy_ir.admission.partial import refused_with_parts
from policy_ir.diagnostics import Refused, codes
from policy_ir.syntax import parse
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")


def findings(text: str) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as caught:
        parse(text)
    refused = refused_with_parts(caught.value, STANDARD)
    return [(found.code.code, found.pointer) for found in refused.diagnostics]


def test_a_field_is_checked_although_a_sibling_is_no_term() -> None:
    text = '["and", ["is", "disabld"], ["tierr_eq", "partner"], ["not", ["is", "no_logg"]]]'
    assert findings(text) == [("PIR0401", "/1/1"), ("PIR0202", "/2/0"), ("PIR0401", "/3/1/1")]


def test_the_parts_of_an_unknown_operation_are_checked_too() -> None:
    assert findings('["nott", ["is", "disabld"]]') == [("PIR0202", "/0"), ("PIR0401", "/1/1")]


def test_a_list_of_names_is_not_taken_for_a_term() -> None:
    assert findings('["tag_in", 5, ["is", "disabld"]]') == [("PIR0205", "/1")]


def test_findings_are_placed_in_the_text() -> None:
    with pytest.raises(Refused) as caught:
        parse('["and", ["is", "disabld"], 5]')
    found = refused_with_parts(caught.value, STANDARD).diagnostics[0]
    assert found.code is codes.UNDECLARED_FIELD
    assert found.span is not None
    assert '["and", ["is", "disabld"], 5]'[found.span.start : found.span.end] == '"disabld"'


@pytest.mark.parametrize("text", ['["and", ["is", "disabled"], 5]', '["and", ["is", "disabld"]', "5", "[]", "[[5]]"])
def test_a_refusal_stays_as_it_is_where_nothing_more_can_be_said(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(text)
    assert refused_with_parts(caught.value, STANDARD) is caught.value


def test_a_refusal_in_the_authoring_syntax_or_without_a_text_stays_as_it_is() -> None:
    with pytest.raises(Refused) as caught:
        parse("filter (disabld")
    bare = Refused.because(codes.NULL, "m")
    assert refused_with_parts(caught.value, STANDARD) is caught.value
    assert refused_with_parts(bare, STANDARD) is bare
