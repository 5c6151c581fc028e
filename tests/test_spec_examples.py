"""The worked examples in the chapters on normal form, encoding and interoperation hold."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from policy_ir.canonical import encode, fingerprint_of, read_term, term_bytes, value_of
from policy_ir.diagnostics import Refused
from policy_ir.interop.sigma_pol import sigma_sha256, sigma_short, sigma_string
from policy_ir.normal_form import EQUATIONS, normal_form
from policy_ir.syntax.loader import load
from policy_ir.testing.strategies import integral

SPEC = Path(__file__).parent.parent / "docs" / "spec"


def table(chapter: str, *header: str) -> list[tuple[str, ...]]:
    """The rows of the tables with this header, code marks taken off."""
    lines = (SPEC / chapter).read_text("utf-8").splitlines()
    starts = [at + 2 for at, line in enumerate(lines) if line == f"| {' | '.join(header)} |"]
    assert starts, header
    rows = []
    for start in starts:
        for line in lines[start:]:
            if not line.startswith("|"):
                break
            rows.append(tuple(cell.strip().strip("`") for cell in line.strip("|").split(" | ")))
    return rows


@pytest.mark.parametrize(("term", "normal"), table("normal-form.md", "term", "normal form"))
def test_a_term_has_the_normal_form_that_the_specification_shows(term: str, normal: str) -> None:
    assert integral(value_of(normal_form(load(json.loads(term))))) == json.loads(normal)


def test_the_specification_states_every_equation_once_and_in_order_within_an_operation() -> None:
    stated = [row[0] for row in table("normal-form.md", "equation", "redex", "contractum")]
    ours = [equation.id for equation in EQUATIONS]
    assert sorted(stated) == sorted(ours)
    for op in {id.partition("/")[0] for id in ours}:
        assert [id for id in stated if id.startswith(f"{op}/")] == [id for id in ours if id.startswith(f"{op}/")]


@pytest.mark.parametrize(("value", "data"), table("encoding.md", "value", "bytes"))
def test_a_value_has_the_bytes_that_the_specification_shows(value: str, data: str) -> None:
    assert encode(json.loads(value, parse_int=float)).hex() == data


@pytest.mark.parametrize(("term", "data", "fingerprint"), table("encoding.md", "term", "bytes", "fingerprint"))
def test_a_term_has_the_bytes_and_fingerprint_that_the_specification_shows(
    term: str, data: str, fingerprint: str
) -> None:
    normal = normal_form(load(json.loads(term)))
    assert term_bytes(normal).hex() == data
    assert fingerprint_of(normal) == fingerprint
    assert read_term(bytes.fromhex(data)) == normal


@pytest.mark.parametrize(("data", "code", "why"), table("encoding.md", "bytes", "code", "why"))
def test_bytes_are_refused_as_the_specification_shows(data: str, code: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read_term(bytes.fromhex(data))
    assert [found.code.code for found in refused.value.diagnostics] == [code], why


def test_the_bytes_of_the_policy_shown_byte_by_byte_are_its_bytes() -> None:
    text = (SPEC / "encoding.md").read_text("utf-8").split("### One policy, byte by byte\n")[1].split("### ")[0]
    source, dump = (block for block in re.findall(r"(?:^    .*\n|^\n)+", text, re.MULTILINE) if block.strip())
    hexadecimal = "".join("".join(re.match(r"\s*((?:[0-9a-f]+ )*[0-9a-f]+)(?:  |\n)", line).group(1).split())  # type: ignore[union-attr]
                          for line in dump.splitlines(keepends=True) if line.strip())  # fmt: skip
    normal = normal_form(load(json.loads(source)))
    assert value_of(normal) == json.loads(source)
    assert term_bytes(normal).hex() == hexadecimal
    assert fingerprint_of(normal) in text


@pytest.mark.parametrize(("term", "expected"), table("interop.md", "term", "canonical string"))
def test_a_term_has_the_canonical_string_that_the_specification_shows(term: str, expected: str) -> None:
    assert sigma_string(load(json.loads(term))) == expected


def test_the_identity_that_the_specification_shows_is_that_of_its_first_example() -> None:
    ((string, identity, short),) = table("interop.md", "canonical string", "identity", "short")
    first = load(json.loads(table("interop.md", "term", "canonical string")[0][0]))
    assert (sigma_string(first), sigma_sha256(first), sigma_short(first)) == (string, identity, short)
