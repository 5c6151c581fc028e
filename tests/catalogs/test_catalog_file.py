"""The catalogue file format: what is read, what is refused, and that writing and reading are inverse."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.catalogs import CatalogFile, catalog_json, load_catalog, read_catalog
from policy_ir.catalogs.file import catalog_of, read_large_json
from policy_ir.diagnostics import Refused
from policy_ir.snapshot import Candidate, Snapshot
from policy_ir.vocabulary import extend, vocabulary

CORE = vocabulary("core")
STANDARD = vocabulary("standard")
HOUSE = extend(
    STANDARD,
    {"vocabulary": 1, "name": "house", "fields": {"gpu": {"sort": "tag", "source": "catalogue", "about": ""}}},
    "house.json",
)
SCHEMA = json.loads(resources.files("policy_ir").joinpath("data", "schemas", "catalog.schema.json").read_text("utf-8"))

ROW: dict[str, Any] = {"id": "openai/gpt-5.2", "provider": "openai", "family": "gpt-5.2"}


def file(*rows: object, **top: object) -> dict[str, object]:
    return {"catalog": 1, "vocabulary": "standard", "candidates": list(rows), **top}


def read(value: object) -> CatalogFile:
    return read_catalog(json.dumps(value), "house.json", STANDARD)


def refusal(text: str, **options: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        read_catalog(text, "house.json", options.pop("vocabulary", STANDARD), **options)
    return [(found.code.code, found.pointer) for found in refused.value.diagnostics]


def refused_value(value: object) -> list[tuple[str, str | None]]:
    return refusal(json.dumps(value))


# --- what is read ----------------------------------------------------------------------------------------------


def test_a_file_is_read_in_its_order_with_what_it_says_of_itself() -> None:
    catalog = read(
        file({**ROW, "id": "b"}, {**ROW, "id": "a"}, about="ours", date="2026-11-01", sources=["a list"], **{"x-by": 7})
    )
    assert [candidate.id for candidate in catalog.candidates(STANDARD)] == ["b", "a"]
    assert (catalog.name, catalog.vocabulary_name) == ("house.json", "standard")
    assert (catalog.about, catalog.date, catalog.sources) == ("ours", "2026-11-01", ("a list",))
    assert repr(catalog) == "CatalogFile('house.json', 2 candidates)"
    assert Snapshot.take(catalog, STANDARD).ids == ("b", "a")


def test_a_candidate_is_read_whole() -> None:
    row = {
        **ROW, "served_model": "gpt-5.2-x", "served_by": "peer", "tier": "partner", "scope": "team",
        "capabilities": ["supports_vision", "supports_tools", "supports_tools"],
        "fields": {"price_in": 1.75, "context": 272000, "has_tee": False, "region": "us", "labels": ["b", "a"]},
        "x-note": {"anything": None}, "$schema": "...",
    }  # fmt: skip
    (candidate,) = read(file(row)).listed
    assert candidate == Candidate(
        id="openai/gpt-5.2", provider="openai", family="gpt-5.2", served_model="gpt-5.2-x", served_by="peer",
        tier="partner", scope="team", capabilities=("supports_tools", "supports_vision"),
        fields={"price_in": 1.75, "context": 272000.0, "has_tee": False, "region": "us", "labels": ["b", "a"]},
    )  # fmt: skip


def test_null_is_absence_everywhere() -> None:
    # catalogue/null
    nothing = dict.fromkeys(("served_model", "served_by", "tier", "scope", "capabilities"))
    (candidate,) = read(file({**ROW, **nothing, "fields": {"price_in": None}}, about=None, sources=None)).listed
    assert candidate == Candidate(**ROW)
    (bare,) = read(file({**ROW, "fields": None})).listed
    assert bare == Candidate(**ROW)


def test_a_toml_file_has_the_same_keys(tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    path.write_text(
        'catalog = 1\nvocabulary = "standard"\n\n[[candidates]]\nid = "a"\nprovider = "p"\nfamily = "f"\n'
        'capabilities = ["supports_tools"]\n\n[candidates.fields]\nprice_in = 2\n',
        "utf-8",
    )
    assert load_catalog(path).listed == (
        Candidate(id="a", provider="p", family="f", capabilities=["supports_tools"], fields={"price_in": 2}),
    )


def test_without_a_vocabulary_beside_it_the_file_is_checked_against_the_one_it_names() -> None:
    # catalogue/vocabulary
    row = {**ROW, "fields": {"region": "eu"}}
    assert read_catalog(json.dumps(file(row)), "f").vocabulary_name == "standard"
    assert refusal(json.dumps(file(row, vocabulary="core")), vocabulary=None) == [
        ("PIR0604", "/candidates/0/fields/region")
    ]


def test_a_vocabulary_that_is_not_shipped_must_be_given_beside_the_file() -> None:
    text = json.dumps(file({**ROW, "fields": {"gpu": "h200"}}, vocabulary="house"))
    assert read_catalog(text, "f", HOUSE).vocabulary_name == "house"
    with pytest.raises(Refused) as refused:
        read_catalog(text, "f")
    (found,) = refused.value.diagnostics
    assert (found.code.code, found.pointer, found.help) == ("PIR0702", "/vocabulary", "give the vocabulary's file too")
    with pytest.raises(Refused) as refused:
        read_catalog(json.dumps(file(vocabulary="standart")), "f")
    assert refused.value.diagnostics[0].help == "did you mean `standard`?"


# --- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "code", "pointer"),
    [
        ([], "PIR0601", ""),  # catalogue/shape
        (file(ROW, candidate=[]), "PIR0601", "/candidate"),
        (file(candidates={}), "PIR0601", "/candidates"),
        (file("gpt"), "PIR0601", "/candidates/0"),
        (file({**ROW, "price_in": 2}), "PIR0601", "/candidates/0/price_in"),
        (file({**ROW, "a/b": 2}), "PIR0601", "/candidates/0/a~1b"),
        (file({**ROW, "tier": 3}), "PIR0601", "/candidates/0/tier"),
        (file({**ROW, "capabilities": "tools"}), "PIR0601", "/candidates/0/capabilities"),
        (file({**ROW, "capabilities": ["a", 1, 2]}), "PIR0601", "/candidates/0/capabilities/1"),
        (file({**ROW, "fields": []}), "PIR0601", "/candidates/0/fields"),
        (file(ROW, about=3), "PIR0601", "/about"),
        (file(ROW, sources="a list"), "PIR0601", "/sources"),
        (file(ROW, vocabulary=1), "PIR0601", "/vocabulary"),
        (file(ROW, catalog=2), "PIR0602", "/catalog"),  # catalogue/version
        (file(ROW, catalog=True), "PIR0602", "/catalog"),
        (file(ROW, catalog="1"), "PIR0602", "/catalog"),
        (file(ROW, catalog=None), "PIR0606", ""),  # catalogue/required
        (file(ROW, candidates=None), "PIR0606", ""),
        (file({"provider": "p", "family": "f"}), "PIR0606", "/candidates/0"),
        (file({"id": "a", "family": "f"}), "PIR0606", "/candidates/0"),
        (file({"id": "a", "provider": "p"}), "PIR0606", "/candidates/0"),
        (file(ROW, ROW), "PIR0603", "/candidates/1/id"),
        (file({**ROW, "capabilities": ["z", "a", ""]}), "PIR0615", "/candidates/0/capabilities/2"),
        (file({"id": "a", "provider": "p", "served_model": ""}), "PIR0615", "/candidates/0/served_model"),
        (file({**ROW, "fields": {"price": 1}}), "PIR0604", "/candidates/0/fields/price"),
        (file({**ROW, "fields": {"price_in": {}}}), "PIR0605", "/candidates/0/fields/price_in"),
        (file({**ROW, "provider": ""}), "PIR0615", "/candidates/0/provider"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_where_it_differs(value: object, code: str, pointer: str) -> None:
    # catalogue/pointer
    assert refused_value(value) == [(code, pointer)]


def test_a_file_without_a_vocabulary_is_told_so_and_its_candidates_are_still_looked_at() -> None:
    assert refusal(json.dumps({"catalog": 1, "candidates": [{"id": "a"}]}), vocabulary=None) == [
        ("PIR0606", ""),
        ("PIR0606", "/candidates/0"),
        ("PIR0606", "/candidates/0"),
    ]


def test_everything_wrong_is_reported_at_once_in_the_order_of_the_file() -> None:
    value = file(
        {"id": "a", "provider": "p", "family": "f", "fields": {"price_in": -1}},
        {"id": "b"},
        {"id": "a", "provider": "p", "family": "f", "fields": {"region": 5}},
        catalog=9,
        colour="red",
    )
    assert [code for code, _ in refused_value(value)] == [
        "PIR0602", "PIR0616", "PIR0606", "PIR0606", "PIR0603", "PIR0605", "PIR0601",
    ]  # fmt: skip


def test_findings_have_the_place_in_the_text_and_the_name_of_the_file() -> None:
    text = '{"catalog": 1, "vocabulary": "standard",\n "candidates": [{"id": "a", "provider": 7, "family": "f"}]}'
    with pytest.raises(Refused) as refused:
        read_catalog(text, "house.json", STANDARD)
    (found,) = refused.value.diagnostics
    assert found.span is not None
    assert text[found.span.start : found.span.end] == "7"
    assert found.source == "house.json"


@pytest.mark.parametrize(
    ("value", "help_"),
    [
        (file({**ROW, "price_in": 1}), "it is a field: put it under `fields`"),
        (file({**ROW, "familly": "f"}), "did you mean `family`?"),
        (file(ROW, zzzzz=1), "further keys start with `x-`"),
    ],
)
def test_an_unknown_key_is_answered_with_what_to_do(value: object, help_: str) -> None:
    with pytest.raises(Refused) as refused:
        read(value)
    assert refused.value.diagnostics[0].help == help_


def test_a_key_that_occurs_twice_is_refused() -> None:
    # catalogue/text
    text = '{"catalog": 1, "vocabulary": "standard", "candidates": [{"id": "a", "provider": "p", "provider": "q"}]}'
    assert refusal(text) == [("PIR0114", "/candidates/0/provider")]


@pytest.mark.parametrize("text", ['{"catalog": NaN}', "{", "\ufeff{}", ""])
def test_a_text_that_is_no_json_is_refused(text: str) -> None:
    assert {code[:5] for code, _ in refusal(text)} <= {"PIR00", "PIR01"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("catalog = ", "PIR0601"),
        ("catalog = " + "1" * 5000, "PIR0601"),
        ("catalog = " + "[" * 100_000, "PIR0310"),
        ("# " + "x" * 2**20, "PIR0611"),
        ("catalog = 1979-05-27", "PIR0602"),
        ('catalog = 1\nvocabulary = "standard"\ncandidates = [{id="a",provider="p",family="f",fields={price_in=inf}}]',
         "PIR0605"),
    ],
)  # fmt: skip
def test_a_toml_text_that_does_not_fit_is_refused(text: str, code: str) -> None:
    assert code in {found for found, _ in refusal(text, syntax="toml")}


def test_a_file_is_bounded_before_it_is_read(tmp_path: Path) -> None:
    # catalogue/size
    path = tmp_path / "huge.json"
    with path.open("wb") as sparse:
        sparse.truncate(2**40)
    with pytest.raises(Refused) as refused:
        load_catalog(path)
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0611"]
    with pytest.raises(Refused) as refused:
        read_large_json(" " * (2**24 + 1), "f")
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0611"]
    assert refused_value(file(*[0] * 65_537)) == [("PIR0611", "/candidates")]


def test_each_capability_that_is_no_name_is_reported_where_it_stands() -> None:
    with pytest.raises(Refused) as refused:
        catalog_of(file({**ROW, "capabilities": ["", "b", "x" * 300, ""]}), "f", STANDARD)
    assert [found.pointer for found in refused.value.diagnostics] == [
        f"/candidates/0/capabilities/{at}" for at in (0, 2, 3)
    ]


def test_one_candidate_gives_at_most_a_hundred_findings() -> None:
    with pytest.raises(Refused) as refused:
        catalog_of(file({**ROW, "capabilities": [f"{at}" * 300 for at in range(150)]}), "f", STANDARD)
    assert len(refused.value.diagnostics) == 100


def test_a_hostile_file_gives_about_a_hundred_findings() -> None:
    assert len(refused_value(file(*[0] * 1000))) == 100
    assert len(refused_value(file({**ROW, **{f"k{i}": 1 for i in range(1000)}}))) == 100
    assert len(refused_value(file(*[{"id": str(i), "fields": {"a": 1}} for i in range(1000)]))) == 100


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        load_catalog(tmp_path / "none.json")
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0001"]


# --- writing ---------------------------------------------------------------------------------------------------


def test_a_written_file_is_one_candidate_a_line() -> None:
    written = Candidate(id="a", provider="p", family="f", fields={"tok_s": 2.0, "context": 0.5})
    text = catalog_json([written], "standard")
    assert text == (
        '{\n  "catalog": 1,\n  "vocabulary": "standard",\n  "candidates": [\n'
        '    {"id": "a", "provider": "p", "family": "f", "capabilities": [], "fields": {"context": 0.5, "tok_s": 2}}\n'
        "  ]\n}\n"
    )
    assert json.loads(catalog_json([], "core", about="none")) == {
        "catalog": 1, "vocabulary": "core", "about": "none", "candidates": [],
    }  # fmt: skip


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "price_in": st.floats(0, 1e9),
        "has_tee": st.booleans(),
        "region": NAMES,
        "labels": st.lists(NAMES, max_size=3),
        "latency_ms": st.integers(0, 2**53),
    },
)
CANDIDATES = st.builds(
    Candidate, id=NAMES, provider=NAMES, family=NAMES, served_model=st.none() | NAMES, served_by=st.none() | NAMES,
    tier=st.none() | NAMES, scope=st.none() | NAMES, capabilities=st.lists(NAMES, max_size=3), fields=FIELDS,
)  # fmt: skip


@settings(max_examples=30)
@given(st.lists(CANDIDATES, max_size=4, unique_by=lambda candidate: candidate.id))
def test_what_is_written_is_read_back_and_fits_the_schema(candidates: list[Candidate]) -> None:
    text = catalog_json(candidates, "standard", date="2026-11-01", sources=["a", "b"])
    jsonschema.validate(json.loads(text), SCHEMA)
    catalog = read_catalog(text, "f", STANDARD)
    again = catalog_json(catalog.listed, "standard", date=catalog.date, sources=catalog.sources)
    assert again == text
    assert Snapshot.take(catalog, STANDARD).fingerprint == Snapshot.take(_listed(candidates), STANDARD).fingerprint


def _listed(candidates: list[Candidate]) -> CatalogFile:
    return CatalogFile(name="f", vocabulary_name="standard", listed=tuple(candidates))


SHAPES = [
    file(ROW),
    file(),
    file({**ROW, "fields": None, "tier": None}),
    file({"id": "a", "provider": "p", "served_model": "m"}, **{"x-a": 1, "$schema": "s"}),
    file({"id": "a", "provider": "p", "family": None, "served_model": "m"}),
    file({"id": "a", "provider": "p", "family": None}),
    file({"id": "a", "provider": "p"}),
    file({"id": "a"}),
    file({**ROW, "colour": 1}),
    file({**ROW, "id": ""}),
    file({**ROW, "capabilities": [""]}),
    file({**ROW, "fields": {"price_in": {}}}),
    file({**ROW, "fields": {"labels": [1]}}),
    file(ROW, catalog=2),
    file(ROW, about=1),
    file(ROW, extra=1),
    {"catalog": 1, "vocabulary": "standard"},
    {"catalog": 1, "candidates": []},
    [],
]


@pytest.mark.parametrize("value", SHAPES, ids=str)
def test_the_schema_accepts_the_shapes_that_the_reader_accepts(value: Any) -> None:
    try:
        catalog_of(value, "f", STANDARD)
    except Refused:
        fits = False
    else:
        fits = True
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(value) == fits
