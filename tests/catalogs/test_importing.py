"""What the importers share: prices without rounding errors, families by spelling, and recognising a format."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.catalogs import FORMATS, import_catalog
from policy_ir.catalogs.importing import family_of, per_million
from policy_ir.diagnostics import Refused
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize(
    ("usd", "price"),
    [
        ("0.00000015", 0.15),
        (1.5e-07, 0.15),
        ("1.5E-07", 0.15),
        ("0.000003", 3.0),
        (1.1e-06, 1.1),  # 1.1e-06 * 1e6 is 1.0999999999999999
        ("0", 0.0),
        (0, 0.0),
        (-0.0, 0.0),
        (2, 2e6),
        ("1e3", 1e9),
        ("-1", None),
        (-1e-07, None),
        ("", None),
        ("free", None),
        ("NaN", None),
        ("Infinity", None),
        ("1_000", None),
        (" 1", None),
        ("１", None),
        (".5", None),
        ("1e99999", None),
        ("1e400", None),
        ("1e-400", None),
        ("1e-9999", None),
        ("0e-9999", 0.0),
        (True, None),
        (None, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        ([1], None),
    ],
)
def test_a_price_is_brought_to_a_million_tokens(usd: object, price: float | None) -> None:
    # import/price
    assert per_million(usd) == price


def test_a_price_of_a_million_tokens_is_taken_as_it_is() -> None:
    assert per_million(0.15, 1_000_000) == 0.15
    assert per_million("2.5", 1_000_000) == 2.5


@given(st.integers(0, 10**17), st.integers(0, 20))
def test_the_price_is_the_binary64_nearest_to_the_exact_product(digits: int, places: int) -> None:
    text = f"{digits // 10**places}.{digits % 10**places:0{places}}" if places else str(digits)
    exact = Fraction(digits, 10**places) * 10**6
    assert per_million(text) == float(exact)


@given(st.floats(0, 1e9))
def test_a_number_means_the_shortest_decimal_that_reads_back_as_it(usd: float) -> None:
    assert per_million(usd) == per_million(repr(usd))


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("gpt-5", "gpt-5"),
        ("meta-llama/Llama-3.3-70B", "llama-3.3-70b"),  # family/segment, family/case
        ("gpt-5-2025-08-07", "gpt-5"),  # family/date
        ("claude-opus-4-5-20251101", "claude-opus-4-5"),
        ("claude-3-opus@20240229", "claude-3-opus"),
        ("gpt-4-0613", "gpt-4-0613"),  # no year: it may be a version
        ("model-19991231", "model-19991231"),
        ("20250101", "20250101"),
        ("-20250101", "-20250101"),
        ("x-20250101", "x"),
        ("x-2025-1-01", "x-2025-1-01"),
        ("x_20250101", "x_20250101"),
        ("İstanbul-É", "İstanbul-É"),  # only A to Z are folded: case tables differ
        ("a/b/", "a/b/"),
        ("Llama-3.3-70B-Instruct-Turbo", "llama-3.3-70b-instruct-turbo"),
    ],
)
def test_a_family_is_read_off_the_spelling_of_a_model(model: str, family: str) -> None:
    assert family_of(model) == family


def litellm() -> str:
    return json.dumps({"m": {"litellm_provider": "p", "mode": "chat"}})


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_is_recognised_by_its_shape(form: str) -> None:
    text = litellm() if form == "litellm" else (FIXTURES / f"{form.replace('.', '-')}.json").read_text("utf-8")
    guessed = import_catalog(text, STANDARD, name="prices.json")
    named = import_catalog(text, STANDARD, form=form, name="prices.json")
    assert guessed == named
    assert guessed.candidates


def test_a_list_of_no_known_format_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        import_catalog('{"prices": [1]}', STANDARD, name="prices.json")
    (found,) = refused.value.diagnostics
    assert (found.code.code, found.source) == ("PIR0607", "prices.json")
    assert found.expected == "one of litellm, openrouter, models.dev"


def test_reports_of_rows_come_before_those_of_values_and_of_columns() -> None:
    text = json.dumps(
        {
            "a": {"litellm_provider": "p", "mode": "chat", "rpm": 1, "input_cost_per_token": -1},
            "b": {"litellm_provider": "p", "mode": "image_generation"},
            "c": {"litellm_provider": "p", "mode": "chat", "rpm": 1},
        }
    )
    result = import_catalog(text, STANDARD)
    assert [(found.code.code, found.pointer) for found in result.skipped] == [
        ("PIR0608", "/b"),
        ("PIR0609", "/a/input_cost_per_token"),
        ("PIR0609", "/a/rpm"),
    ]
    assert result.skipped[2].message.startswith("`rpm` of 2 rows was")


@pytest.mark.parametrize(
    "text",
    [
        '{"m": {"litellm_provider": "p", "mode": "chat"}' + "".join(f', "{i}": 0' for i in range(65_536)) + "}",
        '{"data": [' + "0," * 65_536 + "0]}",
        '{"p": {"models": {"m": {}' + "".join(f', "{i}": 0' for i in range(65_536)) + "}}}",
    ],
)
def test_a_list_with_too_many_rows_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        import_catalog(text, STANDARD)
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0611"]
