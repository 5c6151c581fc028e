"""No text is read deeper, longer or for longer than the bounds allow; what is too much is said with its code."""

from __future__ import annotations

import sys
import time

import pytest

from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.syntax.authoring import parse_authoring, print_authoring
from policy_ir.syntax.bounds import SOURCE_BYTES
from policy_ir.terms import Term

K = SOURCE_BYTES


def refused(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(Refused) as caught:
        parse_authoring(text[:K])
    return caught.value.diagnostics


def codes_of(text: str) -> list[str]:
    return [found.code.code for found in refused(text)]


def depth_of(text: str) -> Term | None:
    return parse_authoring(text).term


def test_a_term_is_at_most_64_deep() -> None:
    assert depth_of("filter " + "not " * 63 + "a") is not None
    (found,) = refused("filter " + "not " * 64 + "a")
    assert (found.code.code, found.pointer) == ("PIR0301", "/1" * 64)
    assert found.span is not None
    assert found.span.start == len("filter " + "not " * 64)
    assert depth_of("fallback abort " + "on x: abort " * 63) is not None
    assert codes_of("fallback abort " + "on x: abort " * 64) == ["PIR0301"]
    assert codes_of("rank " + "neg(" * 64 + "a" + ")" * 64) == ["PIR0301"]
    assert codes_of("policy { rank " + "neg(" * 63 + "a" + ")" * 63 + "}") == ["PIR0301"]


def test_only_the_first_node_that_is_too_deep_is_reported() -> None:
    deep = "neg(" * 65 + "a" + ")" * 65
    assert [found.pointer for found in refused(f"rank {deep} + {deep}")] == ["/1" * 64]


def test_a_term_has_at_most_4096_nodes() -> None:
    assert depth_of("filter " + "a and " * 4094 + "a") is not None
    (found,) = refused("filter " + "a and " * 4095 + "a")
    assert (found.code.code, found.pointer) == ("PIR0302", "/4096")
    values = ", ".join(['"a"'] * 4095)
    assert depth_of(f"filter provider in {{{values}}}") is not None
    assert codes_of(f'filter provider in {{{values}, "a"}}') == ["PIR0302"]


def test_a_string_has_at_most_256_bytes() -> None:
    for form in ('filter has_cap("{}")', "filter `{}`", "filter {}", "fallback abort(`{}`: 1)", "filter tier == {}"):
        assert depth_of(form.format("a" * 256)) is not None
        assert codes_of(form.format("a" * 257)) == ["PIR0303"]
    assert depth_of('filter has_cap("' + "é" * 128 + '")') is not None
    assert codes_of('filter has_cap("' + "é" * 129 + '")') == ["PIR0303"]
    assert depth_of('filter has_cap("' + "\\u0061" * 256 + '")') is not None


@pytest.mark.parametrize(
    ("form", "entry", "fixed"),
    [
        ("filter a in {{{}}}", '"x"', 0),
        ("select chain({})", '"x": "y"', 0),
        ("mutate filter_text({})", '"x"', 0),
        ("fallback abort(backoff_ms: [{}])", "1", 0),
        ("mutate filter_text({{{}}})", "k{}: 1", 0),
        ("fallback abort({})", "k{}: 1", 1),
    ],
)
def test_a_list_or_record_has_at_most_64_entries(form: str, entry: str, fixed: int) -> None:
    entries = [entry.format(at) for at in range(65 - fixed)]
    assert depth_of(form.format(", ".join(entries[:-1]))) is not None
    assert codes_of(form.format(", ".join(entries))) == ["PIR0304"]


def test_at_most_128_brackets_are_open() -> None:
    assert "`authoring/nesting`"
    assert depth_of("filter " + "(" * 128 + "a" + ")" * 128) is not None
    (found,) = refused("filter " + "(" * 129 + "a" + ")" * 129)
    assert found.code.code == "PIR0310"
    assert found.span is not None
    assert found.span.start == len("filter ") + 128


def test_a_source_has_at_most_256_kib() -> None:
    assert depth_of("filter a #" + "x" * (K - 10)) is not None
    with pytest.raises(Refused) as caught:
        parse_authoring("filter a #" + "x" * (K - 9))
    assert [found.code.code for found in caught.value.diagnostics] == ["PIR0004"]


HOSTILE = {
    "parentheses": "filter " + "(" * K,
    "braces": "policy {" * K,
    "closers": "filter a " + ")" * K,
    "mixed brackets": "filter " + "([{" * (K // 16),
    "not": "filter " + "not " * K,
    "factors": "rank " + "0.5*" * K,
    "stars": "rank " + "*" * (K // 16),
    "not in": "filter a " + "not in " * K,
    "sums": "rank " + "a + " * K,
    "conjunctions": "filter " + "a and " * K,
    "and and": "filter " + "and " * (K // 16),
    "steps": "mutate " + "id;" * (K // 16),
    "overrides": "fallback abort " + "on x: abort " * (K // 16),
    "no operators": "filter " + "a b " * (K // 16),
    "deep and no operators": "filter " + "(" * 120 + "a b " * (K // 16),
    "wrong arguments": "rank neg(" + "a, " * (K // 16),
    "values": "filter a in {" + '"x", ' * (K // 16),
    "settings": "fallback abort(" + "a: 1, " * (K // 16),
    "colons": "fallback abort(" + "a:" * (K // 16),
    "records": "mutate filter_text(" + "{a: 1}, " * (K // 16),
    "clauses": "filter a " * (K // 16),
    "clauses in braces": "policy { " + "filter a " * (K // 16),
    "misspelt clauses": "policy { " + "\nfiltr a" * (K // 16),
    "empty clauses": "policy { " + "rank " * (K // 16),
    "attributes": "filter " + "tier " * K,
    "policies": "policy { filter a } " * (K // 16),
    "operators": "filter " + "= " * (K // 16),
    "characters": "$" * K,
    "quotes": "filter " + "'" * K,
    "open string": 'filter "' + "a" * K,
    "backticks": "filter " + "`" * (K - 8),
    "escapes": 'filter has_cap("' + "\\q" * (K // 2 - 20) + '")',
    "surrogates": 'filter has_cap("' + "\\ud800" * (K // 6 - 20) + '")',
    "digits": "rank " + "1" * K,
    "zeros": "rank 0." + "0" * (K - 10) + "1",
    "grouped digits": "rank " + "1_" * K,
    "hyphens": "filter " + "a-" * K,
    "one name": "filter " + "a" * K,
    "NUL": "\x00" * K,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_text_is_refused_soon_and_in_few_words(text: str) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(400)  # whatever recursed with the text would fail
    began = time.process_time()
    try:
        found = refused(text)
    finally:
        sys.setrecursionlimit(limit)
    assert 1 <= len(found) <= 100
    assert time.process_time() - began < 20


def test_a_text_of_comments_is_written_again() -> None:
    text = "# x\n" * 40_000 + "filter a\n"
    assert print_authoring(parse_authoring(text)) == text


def test_many_comments_among_many_items_take_no_longer_than_few() -> None:
    items = ",\n  ".join(["a"] * 3000)
    for end in ("\n)", "\n  or b\n)"):
        text = f"filter and(\n  {items}" + "\n  #" * 20_000 + end
        document = parse_authoring(text)
        began = time.process_time()
        assert print_authoring(document).count("#") == 20_000
        assert time.process_time() - began < 20
