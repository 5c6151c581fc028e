"""Vocabulary files: what they may say, and every reason to refuse one."""

from __future__ import annotations

import json
from importlib import resources
from math import inf
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.diagnostics import Refused
from policy_ir.vocabulary import extend, read_vocabulary, vocabulary
from policy_ir.vocabulary.forbidden import ENDINGS, NAMES, PARTS, WORDS, forbidden

CORE = vocabulary("core")
STANDARD = vocabulary("standard")
SCHEMA = jsonschema.Draft202012Validator(
    json.loads(resources.files("policy_ir").joinpath("data", "schemas", "vocabulary.schema.json").read_text("utf-8"))
)


def house(**entries: Any) -> dict[str, Any]:
    return {"vocabulary": 1, "name": "house", "extends": "standard", **entries}


def num(**entries: Any) -> dict[str, Any]:
    return {"sort": "num", "default": 0, "source": "catalogue", **entries}


def found(data: object) -> list[tuple[str, str | None]]:
    """The codes and pointers of everything wrong with the data of a file."""
    with pytest.raises(Refused) as refused:
        extend(STANDARD, data, "house.json")
    assert all(diagnostic.source == "house.json" for diagnostic in refused.value.diagnostics)
    return [(diagnostic.code.code, diagnostic.pointer) for diagnostic in refused.value.diagnostics]


def message(data: object) -> str:
    with pytest.raises(Refused) as refused:
        extend(STANDARD, data, "house.json")
    (diagnostic,) = refused.value.diagnostics
    return f"{diagnostic.message}; {diagnostic.help}"


# --- what a file may say --------------------------------------------------------------------------------------

FULL = house(
    about="our house",
    fields={
        "off": {"sort": "bool", "default": False, "unit": None, "source": "state", "about": "switched off by hand"},
        "price_fine_tuning": num(default="inf", unit="USD/Mtok", minimum=0),
        "margin": num(default="-inf", source="request", minimum=-1, maximum=1),
        "zones": {"sort": "tags", "source": "catalogue"},
        "provider": {"sort": "tag", "source": "catalogue"},
    },
    tiers=["fallback", "marketplace", "trial", "partner", "own"],
    params={
        "top_a": {"sort": "number", "minimum": 0, "maximum": 1, "about": "a sampler of ours"},
        "logprobs": {"sort": "boolean"},
        "verbosity": {"sort": "string", "choices": ["low", "high"]},
        "user": {"sort": "string"},
        "n_best": {"sort": "integer"},
    },
    needs={"video": "supports_video"},
    recipes=["RedactPII", "MaskNames"],
    customs={"add_footer": "3"},
)


def test_a_file_adds_fields_tiers_params_needs_recipes_and_customs() -> None:
    made = extend(STANDARD, FULL, "house")
    assert made.name == "house"
    assert made.fields["off"].about == "switched off by hand"
    assert made.fields["price_fine_tuning"].default == inf
    assert made.fields["margin"].default == -inf
    assert (made.fields["margin"].minimum, made.fields["margin"].maximum) == (-1.0, 1.0)
    assert made.fields["zones"].default is None
    assert made.tiers == ("fallback", "marketplace", "trial", "partner", "own")
    assert made.params["verbosity"].choices == ("high", "low")
    assert not made.params["user"].numeric
    assert made.params["n_best"].numeric
    assert made.needs["video"] == "supports_video"
    assert made.recipes == tuple(sorted({*STANDARD.recipes, "MaskNames"}))
    assert dict(made.customs) == {"add_footer": "3"}


def test_the_schema_accepts_what_the_reader_accepts() -> None:
    SCHEMA.validate(FULL)
    SCHEMA.validate({"vocabulary": 1, "name": "house", "fields": None, "$schema": "x", "x-owner": {"any": "thing"}})


def test_null_means_absent_and_keys_of_the_host_are_ignored() -> None:
    made = extend(STANDARD, house(**{"fields": None, "tiers": None, "$schema": "x", "x-owner": {"any": 1}}), "house")
    assert made.fingerprint == STANDARD.fingerprint


def test_extensions_can_be_extended_again() -> None:
    team = extend(extend(STANDARD, FULL, "house"), house(name="team", recipes=["MaskCities"]), "team")
    assert {"MaskNames", "MaskCities"} <= set(team.recipes)
    assert "off" in team.fields


def test_a_number_in_a_file_is_a_binary64_without_minus_0() -> None:
    made = extend(STANDARD, house(fields={"x": num(default=-0.0, maximum=2**60)}), "house").fields["x"]
    assert str(made.default) == "0.0"
    assert made.maximum == 2.0**60


# --- what is refused ------------------------------------------------------------------------------------------

SHAPES: list[tuple[object, str]] = [
    ([], ""),
    ("core", ""),
    (None, ""),
    ({**house(), "vocabulary": 2}, "/vocabulary"),
    ({**house(), "vocabulary": True}, "/vocabulary"),
    ({**house(), "vocabulary": "1"}, "/vocabulary"),
    ({"vocabulary": 1}, ""),
    ({"name": "house"}, ""),
    ({**house(), "name": ""}, "/name"),
    ({**house(), "name": 5}, "/name"),
    ({**house(), "name": "x" * 257}, "/name"),
    ({**house(), "name": "é" * 129}, "/name"),
    ({**house(), "name": "\ud800"}, "/name"),
    (house(extends=["core"]), "/extends"),
    (house(about=["x"]), "/about"),
    (house(fields=[]), "/fields"),
    (house(fields={"": num()}), "/fields/"),
    (house(fields={"x": []}), "/fields/x"),
    (house(fields={"x": {"source": "state"}}), "/fields/x"),
    (house(fields={"x": {"sort": "num", "default": 1}}), "/fields/x"),
    (house(fields={"x": num(sort="number")}), "/fields/x/sort"),
    (house(fields={"x": num(source="catalog")}), "/fields/x/source"),
    (house(fields={"x": num(units="ms")}), "/fields/x/units"),
    (house(fields={"x": num(unit=5)}), "/fields/x/unit"),
    (house(fields={"x": num(about=5)}), "/fields/x/about"),
    (house(fields={"x": num(minimum="0")}), "/fields/x/minimum"),
    (house(fields={"x": num(maximum=True)}), "/fields/x/maximum"),
    (house(fields={"x": num(maximum=inf)}), "/fields/x/maximum"),
    (house(fields={"x": num(default=inf)}), "/fields/x/default"),
    (house(fields={"x": num(default=10**400)}), "/fields/x/default"),
    (house(fields={"a/b~c": []}), "/fields/a~1b~0c"),
    (house(tiers="partner"), "/tiers"),
    (house(params={"x": 1}), "/params/x"),
    (house(params={"x": {}}), "/params/x"),
    (house(params={"x": {"sort": "num"}}), "/params/x/sort"),
    (house(params={"x": {"sort": "string", "choices": "a"}}), "/params/x/choices"),
    (house(params={"x": {"sort": "string", "choices": ["a", 1]}}), "/params/x/choices/1"),
    (house(needs={"x": 1}), "/needs/x"),
    (house(needs={"x": ""}), "/needs/x"),
    (house(needs=["x"]), "/needs"),
    (house(recipes={"x": 1}), "/recipes"),
    (house(recipes=[1]), "/recipes/0"),
    (house(customs={"x": 3}), "/customs/x"),
    (house(colours={}), "/colours"),
    (house(recipes=[f"r{i}" for i in range(1025)]), "/recipes"),
    (house(needs={f"n{i}": "c" for i in range(1020)}), "/needs"),
]


@pytest.mark.parametrize(("data", "pointer"), SHAPES)
def test_a_file_of_another_shape_is_refused_with_the_place(data: object, pointer: str) -> None:
    assert found(data) == [("PIR0701", pointer)]


UNFIT: list[tuple[object, str]] = [
    (house(fields={"x": {"sort": "num", "source": "state"}}), "/fields/x"),
    (house(fields={"x": {"sort": "bool", "source": "state"}}), "/fields/x"),
    (house(fields={"x": num(default=True)}), "/fields/x/default"),
    (house(fields={"x": num(default="infinity")}), "/fields/x/default"),
    (house(fields={"x": num(sort="bool")}), "/fields/x/default"),
    (house(fields={"x": num(sort="tag")}), "/fields/x/default"),
    (house(fields={"x": {"sort": "tags", "source": "state", "default": ["a"]}}), "/fields/x/default"),
    (house(fields={"x": {"sort": "bool", "source": "state", "default": False, "minimum": 0}}), "/fields/x/minimum"),
    (house(fields={"x": num(minimum=2, maximum=1)}), "/fields/x/minimum"),
    (house(fields={"tier": num()}), "/fields/tier"),
    (house(fields={"scope": {"sort": "tag", "source": "request"}}), "/fields/scope"),
    (house(params={"x": {"sort": "string", "minimum": 0}}), "/params/x/minimum"),
    (house(params={"x": {"sort": "integer", "minimum": 2, "maximum": 1}}), "/params/x/minimum"),
    (house(params={"x": {"sort": "number", "choices": ["a"]}}), "/params/x/choices"),
    (house(params={"x": {"sort": "string", "choices": []}}), "/params/x/choices"),
    (house(params={"x": {"sort": "string", "choices": ["a", "a"]}}), "/params/x/choices/1"),
    (house(recipes=["x", "y", "x"]), "/recipes/2"),
]


@pytest.mark.parametrize(("data", "pointer"), UNFIT)
def test_a_declaration_whose_parts_do_not_fit_is_refused(data: object, pointer: str) -> None:
    assert found(data) == [("PIR0704", pointer)]


REDECLARED: list[tuple[object, str]] = [
    ({**house(), "name": "standard"}, "/name"),
    (house(fields={"price_in": num()}), "/fields/price_in"),
    (house(fields={"bench_coding": num()}), "/fields/bench_coding"),
    (house(params={"temperature": {"sort": "number"}}), "/params/temperature"),
    (house(needs={"tools": "supports_tools"}), "/needs/tools"),
    (house(tiers=["partner", "marketplace", "fallback"]), "/tiers"),
    (house(tiers=["own"]), "/tiers"),
    (house(tiers=[]), "/tiers"),
]


@pytest.mark.parametrize(("data", "pointer"), REDECLARED)
def test_what_is_declared_cannot_be_redefined(data: object, pointer: str) -> None:
    assert found(data) == [("PIR0703", pointer)]


def test_a_custom_keeps_its_version() -> None:
    base = extend(STANDARD, house(customs={"x": "1"}), "house")
    with pytest.raises(Refused, match="PIR0703: `x` is declared already by `house`"):
        extend(base, house(name="team", customs={"x": "2"}), "team")


def test_no_candidate_has_a_capability_by_default() -> None:
    given = {"sort": "bool", "default": True, "source": "catalogue"}
    assert found(house(fields={"supports_x": given})) == [("PIR0704", "/fields/supports_x/default")]
    extend(STANDARD, house(fields={"supports_x": {**given, "source": "state"}, "usual": given}), "house")


def test_only_the_language_derives_fields() -> None:
    derived = {"sort": "num", "source": "derived"}
    assert found(house(fields={"margin": derived})) == [("PIR0706", "/fields/margin/source")]
    assert found(house(fields={"call_cost": derived})) == [("PIR0703", "/fields/call_cost")]


@pytest.mark.parametrize("source", ["catalogue", "state", "request"])
def test_the_name_of_a_derived_field_means_nothing_else(source: str) -> None:
    given = {"sort": "num", "default": 0, "source": source}
    with pytest.raises(Refused, match="PIR0706: `call_cost` is a derived field of the language") as caught:
        extend(CORE, house(extends="core", fields={"call_cost": given}), "house")
    assert [diagnostic.pointer for diagnostic in caught.value.diagnostics] == ["/fields/call_cost"]


def test_a_derived_field_has_no_default() -> None:
    given = {"call_cost": {"sort": "num", "source": "derived", "default": 0}}
    with pytest.raises(Refused) as caught:
        extend(CORE, house(name="other", fields=given), "other", shipped=True)
    assert [diagnostic.code.code for diagnostic in caught.value.diagnostics] == ["PIR0704"]


@pytest.mark.parametrize(
    "name",
    [
        "model", "models", "Model", "mo_del", "n", "stream", "stream_options", "tools", "tool_choice", "messages",
        "prompt", "service_tier", "serviceTier", "url", "base_url", "baseUrl", "baseURL", "callback_url", "api_base",
        "host",
        "header", "extra_headers", "extraHeaders", "extra_body", "api_key", "apiKey", "auth", "auth_env",
        "Authorization", "access_token", "hf_token", "password", "client_secret", "proxy", "webhook", "cookie",
        "model_name", "fallbackModel", "engine", "provider", "custom_llm_provider", "jwt", "passphrase", "db_pwd",
        "client_cert", "signing_key",
        "", "1x", "base-url", "a b", "modél", "x.model", "temperature\u200b",
    ],
)  # fmt: skip
def test_some_request_parameters_can_never_be_declared(name: str) -> None:
    if name:
        assert found(house(params={name: {"sort": "string"}})) == [("PIR0705", f"/params/{name}")]
    assert forbidden(name) is not None


@pytest.mark.parametrize(
    "name",
    [
        "user",
        "max_completion_tokens",
        "token_limit",
        "author",
        "authority",
        "min_p",
        "n_best",
        "logprobs",
        "hostess",
        "x1",
    ],
)
def test_names_that_only_resemble_forbidden_ones_may_be_declared(name: str) -> None:
    assert forbidden(name) is None
    assert name in extend(STANDARD, house(params={name: {"sort": "string"}}), "house").params


@given(st.sampled_from(sorted(NAMES)), st.lists(st.booleans(), min_size=20, max_size=20))
def test_underscores_and_capitals_do_not_disguise_a_forbidden_name(name: str, upper: list[bool]) -> None:
    disguised = "".join(letter.upper() if up else letter + "_" for letter, up in zip(name, upper * 2, strict=False))
    assert forbidden(disguised) is not None


@given(
    st.sampled_from(sorted(PARTS)), st.sampled_from(["", "x", "my_"]), st.sampled_from(["", "s", "_x"]), st.booleans()
)
def test_a_forbidden_part_is_forbidden_anywhere_in_a_name(part: str, before: str, after: str, upper: bool) -> None:
    assert forbidden(before + (part.upper() if upper else part) + after) is not None
    assert forbidden(f"{before}{part.capitalize()}{after}") is not None


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_forbidden_ending_is_forbidden_at_the_end_of_a_name(ending: str) -> None:
    assert forbidden(f"x_{ending}") == forbidden(f"HF{ending.capitalize()}") == ENDINGS[ending]


@pytest.mark.parametrize("word", WORDS)
def test_a_forbidden_word_is_forbidden_as_a_word(word: str) -> None:
    for name in (f"{word}_x", f"x_{word}_y", f"x{word.capitalize()}Y", f"{word}X", f"x2{word.capitalize()}_y"):
        assert forbidden(name) == WORDS[word]


def test_a_misspelt_key_gets_a_did_you_mean() -> None:
    assert message(house(recipies=[])) == "unknown key `recipies`; did you mean `recipes`?"
    assert message(house(fields={"x": num(source="catalog")})).endswith("did you mean `catalogue`?")


def test_a_key_that_resembles_nothing_gets_no_suggestion() -> None:
    assert message(house(qqqq=[])) == "unknown key `qqqq`; None"
    assert message(house(fields={"x": num(source="qqqq")})).endswith("None")


def test_a_key_that_is_no_text_is_refused() -> None:
    assert found({**house(), 5: 1}) == [("PIR0701", "")]


def test_all_diagnostics_of_a_file_are_reported_in_its_order() -> None:
    data = {
        "vocabulary": 1,
        "name": "house",
        "recipes": [1],
        "params": {"url": {"sort": "string"}, "x": {"sort": "nope"}},
        "fields": {"price_in": num(), "y": num(default="x", maximum="y", about=1)},
        "extra": 1,
    }
    assert found(data) == [
        ("PIR0701", "/extra"),
        ("PIR0701", "/recipes/0"),
        ("PIR0705", "/params/url"),
        ("PIR0701", "/params/x/sort"),
        ("PIR0703", "/fields/price_in"),
        ("PIR0701", "/fields/y/about"),
        ("PIR0704", "/fields/y/default"),
        ("PIR0701", "/fields/y/maximum"),
    ]


VISIBLE_TO_A_SCHEMA = [
    data
    for data, _ in [*SHAPES, *UNFIT]
    # Bytes, infinities, comparisons and what is extended are beyond a schema.
    if data
    not in (
        {**house(), "name": "é" * 129},
        {**house(), "name": "\ud800"},
        house(fields={"x": num(maximum=inf)}),
        house(fields={"x": num(default=inf)}),
        house(fields={"x": num(default=10**400)}),
        house(fields={"x": num(minimum=2, maximum=1)}),
        house(params={"x": {"sort": "integer", "minimum": 2, "maximum": 1}}),
        house(fields={"tier": num()}),
        house(fields={"scope": {"sort": "tag", "source": "request"}}),
        house(needs={f"n{i}": "c" for i in range(1020)}),
    )
]


@pytest.mark.parametrize("data", VISIBLE_TO_A_SCHEMA)
def test_the_schema_refuses_what_a_schema_can_see(data: object) -> None:
    assert not SCHEMA.is_valid(data)


# --- files ----------------------------------------------------------------------------------------------------


def refused(path: Path) -> list[str]:
    with pytest.raises(Refused) as caught:
        vocabulary(path)
    return [diagnostic.code.code for diagnostic in caught.value.diagnostics]


def test_a_json_and_a_toml_file_with_the_same_content_are_the_same_vocabulary(tmp_path: Path) -> None:
    (tmp_path / "house.json").write_text(json.dumps(FULL | {"extends": "core"}))
    toml = """
        vocabulary = 1
        name = "house"
        extends = "core"
        tiers = ["fallback", "marketplace", "trial", "partner", "own"]
        recipes = ["MaskNames", "RedactPII"]
        [fields]
        off = {sort = "bool", default = false, source = "state"}
        price_fine_tuning = {sort = "num", default = "inf", source = "catalogue", unit = "USD/Mtok", minimum = 0}
        margin = {sort = "num", default = "-inf", source = "request", minimum = -1, maximum = 1.0}
        zones = {sort = "tags", source = "catalogue"}
        provider = {sort = "tag", source = "catalogue"}
        [params]
        top_a = {sort = "number", minimum = 0, maximum = 1}
        logprobs = {sort = "boolean"}
        verbosity = {sort = "string", choices = ["high", "low"]}
        user = {sort = "string"}
        n_best = {sort = "integer"}
        [needs]
        video = "supports_video"
        [customs]
        add_footer = "3"
    """
    (tmp_path / "house.toml").write_text(toml)
    made = vocabulary(tmp_path / "house.json")
    assert made.record() == vocabulary(str(tmp_path / "house.toml")).record()
    assert made.fields.keys() == CORE.fields.keys() | FULL["fields"].keys()


def test_a_file_extends_core_unless_it_says_otherwise() -> None:
    assert read_vocabulary('{"vocabulary": 1, "name": "house"}', "house").fields == CORE.fields
    assert read_vocabulary('vocabulary = 1\nname = "house"', "house", syntax="toml").fields == CORE.fields
    standard = read_vocabulary('{"vocabulary": 1, "name": "house", "extends": "standard"}', "house")
    assert standard.fields == STANDARD.fields


def test_an_unknown_vocabulary_gets_a_did_you_mean() -> None:
    with pytest.raises(Refused) as caught:
        vocabulary("standart")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code.code, diagnostic.help) == ("PIR0702", "did you mean `standard`?")
    with pytest.raises(Refused) as caught:
        vocabulary("qqq")
    assert caught.value.diagnostics[0].help is None


def test_a_file_that_extends_an_unknown_vocabulary_is_refused_there() -> None:
    for named, help_line in (("standart", "did you mean `standard`?"), ("qqq", None)):
        with pytest.raises(Refused) as caught:
            read_vocabulary(f'{{"vocabulary": 1, "name": "house", "extends": "{named}"}}', "house.json")
        (diagnostic,) = caught.value.diagnostics
        assert (diagnostic.code.code, diagnostic.pointer, diagnostic.help) == ("PIR0702", "/extends", help_line)
        assert diagnostic.span is not None


def test_what_else_is_wrong_with_such_a_file_is_reported_too() -> None:
    assert found(house(extends="core ", recipes=[1])) == [("PIR0702", "/extends"), ("PIR0701", "/recipes/0")]


def test_a_file_that_extends_something_else_than_a_name_is_ill_shaped() -> None:
    with pytest.raises(Refused, match="PIR0701"):
        read_vocabulary('{"vocabulary": 1, "name": "house", "extends": 5}', "house.json")
    with pytest.raises(Refused, match="PIR0701"):
        read_vocabulary("[]", "house.json")


def test_diagnostics_of_a_json_file_point_into_its_text() -> None:
    text = '{"vocabulary": 1, "name": "house",\n "recipes": ["a", "a"], "oops": 1}'
    with pytest.raises(Refused) as caught:
        read_vocabulary(text, "house.json")
    spans = [diagnostic.span for diagnostic in caught.value.diagnostics]
    assert [text[span.start : span.end] for span in spans if span] == ['"a"', "1"]
    assert [diagnostic.code.code for diagnostic in caught.value.diagnostics] == ["PIR0704", "PIR0701"]


@pytest.mark.parametrize(
    "text",
    [
        "vocabulary = ",
        "= 1",
        "vocabulary = 1\nvocabulary = 1",
        "x = " + "9" * 100_000,
        "[[[",
        'name = "\ud7ff',
        "x = 2020-13-45",
    ],
)
def test_a_file_that_is_no_toml_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        read_vocabulary(text, "house.toml", syntax="toml")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code.code, diagnostic.source) == ("PIR0701", "house.toml")
    assert "sys" not in diagnostic.message


def test_a_million_brackets_in_toml_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="PIR0310"):
        read_vocabulary("x = " + "[" * 100_000, "house.toml", syntax="toml")


def test_a_file_with_a_date_where_a_text_is_due_is_refused() -> None:
    with pytest.raises(Refused, match="PIR0701"):
        read_vocabulary("vocabulary = 1\nname = 2020-01-01", "house.toml", syntax="toml")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "absent.json") == ["PIR0001"]
    (tmp_path / "folder.toml").mkdir()
    assert refused(tmp_path / "folder.toml") == ["PIR0001"]
    (tmp_path / "large.json").write_text(" " * (256 * 1024 + 1))
    assert refused(tmp_path / "large.json") == ["PIR0004"]
    (tmp_path / "binary.json").write_bytes(b"\xff\x00garbage")
    assert refused(tmp_path / "binary.json") == ["PIR0002"]
    (tmp_path / "deep.json").write_text("[" * 1000)
    assert refused(tmp_path / "deep.json") == ["PIR0310"]


def test_a_shipped_vocabulary_is_read_once() -> None:
    assert vocabulary("standard") is STANDARD
