"""The vectors as files, their schemas and their linter. Specification: chapter "Conformance", section "Vectors"."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from repository import ROOT, SPEC

from policy_ir.conformance.lint import FLAGS, features_of, findings, validator
from policy_ir.conformance.rules import spec_rules
from policy_ir.conformance.runner.messages import hello_line, request_line
from policy_ir.conformance.subject import FEATURES, KINDS, answer, hello
from policy_ir.conformance.suite import Unreadable, load_suite

SUITE = ROOT / "conformance"
CHAPTER = (SPEC / "conformance.md").read_text("utf-8")
GOOD: dict[str, Any] = {
    "id": "semantics/toy/one",
    "comment": "A predicate that accepts everybody.",
    "rules": ["top/accept"],
    "denies": ["bot/reject"],
    "near": ["PIR0401"],
    "features": [],
    "flags": ["Single"],
    "input": {"term": ["top"], "candidates": []},
    "expect": {"result": {"reasons": []}},
}


def rows(heading: str) -> list[str]:
    """The code spans of the first cells of the tables in a section of the chapter."""
    section = CHAPTER.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall("`([^`]+)`", cell)]


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a suite of one file with these vectors."""

    def write(*vectors: object, kind: str = "predicate", path: str = "semantics/toy.json", **file: object) -> Path:
        target = tmp_path / "vectors" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps({"about": "A toy.", "kind": kind, "vectors": vectors} | file), "utf-8")
        if not (tmp_path / "schema").exists():
            (tmp_path / "schema").symlink_to(SUITE / "schema")
        return tmp_path

    return write


# --- the suite itself ---------------------------------------------------------------------------------------


def test_the_linter_finds_nothing_wrong_with_the_vectors() -> None:
    assert findings(SUITE) == []


def test_the_vectors_are_well_over_a_thousand() -> None:
    assert len(load_suite(SUITE).vectors) > 1000


def test_vectors_come_sorted_by_id_and_can_be_asked_for() -> None:
    suite = load_suite(SUITE)
    ids = [vector.id for vector in suite.vectors]
    assert ids == sorted(ids)
    assert suite.get(ids[0]) is suite.vectors[0]
    assert suite.get("no/such/vector") is None


def test_every_request_and_every_due_outcome_fits_its_schema() -> None:
    request, reply = validator(SUITE / "schema", "request"), validator(SUITE / "schema", "reply")
    for vector in load_suite(SUITE).vectors:
        assert request.is_valid(json.loads(request_line(vector))), vector.id
        assert reply.is_valid({"id": vector.id, **vector.expect}), vector.id


def test_what_the_reference_answers_fits_the_schema_of_replies() -> None:
    reply = validator(SUITE / "schema", "reply")
    for vector in load_suite(SUITE).vectors[::7]:
        assert reply.is_valid({"id": vector.id, **answer(vector.kind, vector.request())}), vector.id


def test_both_hellos_fit_their_schemas() -> None:
    assert validator(SUITE / "schema", "hello").is_valid(json.loads(hello_line()))
    assert validator(SUITE / "schema", "hello-reply").is_valid(hello())


# --- the chapter and its lists ------------------------------------------------------------------------------


def test_the_kinds_are_those_of_the_chapter() -> None:
    assert list(KINDS) == rows("Kinds")


def test_the_features_are_those_of_the_signature_and_of_the_chapter() -> None:
    syntax = (SPEC / "syntax.md").read_text("utf-8").split("### Parameters")[0]
    listed = [line.split("|")[-2].strip() for line in syntax.splitlines() if line.startswith("| `")]
    assert list(FEATURES) == [name for name in dict.fromkeys(listed) if name != "core"] + rows("Features")


def test_the_flags_are_those_of_the_chapter() -> None:
    section = CHAPTER.split("| flag | what is special |")[1].split("\n## ")[0]
    assert list(FLAGS) == re.findall("`([A-Z][A-Za-z0-9]+)`", section)


def test_the_schemas_know_the_same_kinds_features_and_flags() -> None:
    kinds = json.loads((SUITE / "schema" / "kinds.schema.json").read_text("utf-8"))["$defs"]
    vectors = json.loads((SUITE / "schema" / "vectors.schema.json").read_text("utf-8"))
    members = vectors["properties"]["vectors"]["items"]["properties"]
    assert kinds["kind"]["enum"] == list(KINDS)
    assert kinds["feature"]["enum"] == list(FEATURES)
    assert members["flags"]["items"]["enum"] == list(FLAGS)
    for side in ("input", "result"):
        assert [name.removeprefix(f"{side}-") for name in kinds if name.startswith(f"{side}-")] == list(KINDS)


def test_every_schema_is_one() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    for path in SUITE.joinpath("schema").iterdir():
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


def test_the_rules_are_those_of_the_chapters() -> None:
    import make_rules

    assert make_rules.main(["--check"]) == 0
    assert spec_rules()["and/flatten"].kind == "equation"
    assert spec_rules()["and/accept"].kind == "evaluation"
    assert spec_rules()["abort/stop"].kind == "failover"
    assert (spec_rules()["flow/ready"].kind, spec_rules()["flow-seed/node"].kind) == ("scheduling", "statement")
    assert (spec_rules()["admit/term"].kind, spec_rules()["admit/term"].chapter) == ("statement", "admission")


# --- the linter ---------------------------------------------------------------------------------------------


def test_the_linter_finds_nothing_wrong_with_a_good_vector(written: Callable[..., Path]) -> None:
    assert findings(written(GOOD)) == []


REFUSED = {"refused": [{"code": "PIR0401", "pointer": "/1"}]}
TWO = {"refused": [{"code": "PIR0401", "pointer": "/1"}, {"code": "PIR0401", "pointer": "/2"}]}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"id": "semantics/other/one"}, "the id is not in semantics/toy"),
        ({"id": "semantics/toy/One"}, "/vectors/0/id"),
        ({"comment": "accepts everybody."}, "the comment is not one sentence"),
        ({"comment": "Accepts everybody"}, "/vectors/0/comment"),
        ({"comment": "Accepts everybody. Refuses nobody."}, "the comment is not one sentence"),
        ({"rules": ["top/refuse"]}, "there is no rule top/refuse"),
        ({"denies": ["top/refuse"]}, "there is no rule top/refuse"),
        ({"denies": ["top/accept"]}, "it names and denies top/accept"),
        ({"rules": ["top/accept", "top/accept"]}, "/vectors/0/rules"),
        ({"near": ["PIR9999"]}, "there is no code PIR9999"),
        ({"expect": {"refused": [{"code": "PIR9999", "pointer": ""}]}}, "there is no code PIR9999"),
        ({"expect": REFUSED}, "it comes near to PIR0401, and gives it"),
        ({"expect": TWO, "near": []}, "it has 2 findings, and no flag SeveralFindings"),
        ({"flags": ["SeveralFindings"]}, "it has 0 findings, and the flag SeveralFindings"),
        ({"flags": ["Special"]}, "/vectors/0/flags/0"),
        ({"features": ["everything"]}, "/vectors/0/features/0"),
        ({"input": {"term": ["known", "price_in"], "candidates": []}}, "it needs the feature known"),
        ({"input": {"term": ["family_eq", "\ud800"], "candidates": []}}, "a lone surrogate at /input/term/1"),
        ({"input": {"term": ["top"]}}, "/vectors/0/input"),
        ({"input": {"term": ["top"], "candidates": [], "sed": 1}}, "/vectors/0/input"),
        ({"input": {"term": ["top"], "candidates": [], "vocabulary": "mine"}}, "/vectors/0/input/vocabulary"),
        ({"expect": {"result": {}}}, "/vectors/0/expect/result"),
        ({"expect": {"result": {"reasons": []}} | REFUSED}, "/vectors/0/expect"),
        ({"expect": {"refused": []}}, "/vectors/0/expect/refused"),
        ({"expect": {"refused": [{"code": "PIR0401", "pointer": "", "message": "m"}]}}, "/vectors/0/expect/refused/0"),
        ({"flags": None}, "/vectors/0/flags"),
        ({"further": 1}, "/vectors/0"),
    ],
    ids=str,
)
def test_the_linter_finds_what_is_wrong_with_a_vector(
    written: Callable[..., Path], changed: dict[str, Any], wrong: str
) -> None:
    (found,) = findings(written(GOOD | changed))
    assert wrong in found


def test_the_linter_finds_a_number_that_no_message_can_carry(written: Callable[..., Path]) -> None:
    root = written(GOOD)
    path = root / "vectors" / "semantics" / "toy.json"
    path.write_text(path.read_text("utf-8").replace('["top"]', '["cmp", "price_in", "lt", 1e999]'), "utf-8")
    assert findings(root) == ["semantics/toy/one: a number beyond binary64 at /input/term/3"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("{", "Expecting"), ('{"a": NaN}', "NaN is no JSON"), ('{"a": 1, "a": 2}', "the member `a` is given twice")],
)
def test_the_linter_finds_a_file_that_is_no_json(written: Callable[..., Path], text: str, wrong: str) -> None:
    root = written(GOOD)
    root.joinpath("vectors", "broken.json").write_text(text)
    (found,) = findings(root)
    assert found.startswith("broken.json: ")
    assert wrong in found


def test_the_linter_finds_other_files_and_vectors_that_are_one(written: Callable[..., Path]) -> None:
    bot = {"input": {"term": ["bot"], "candidates": []}}
    root = written(GOOD, GOOD | bot, GOOD | bot | {"id": "semantics/toy/two"})
    root.joinpath("vectors", "notes.txt").write_text("")
    assert findings(root) == [
        "notes.txt: it is no JSON file",
        "semantics/toy/one: the id is that of another vector in semantics/toy.json",
        "semantics/toy/two: the same is asked by semantics/toy/one",
    ]


def test_warnings_are_findings_too(written: Callable[..., Path]) -> None:
    warned = {"warnings": [{"code": "PIR0504", "pointer": at} for at in ("", "/1")]}
    made = {"input": {"term": ["top"]}, "expect": {"result": warned}, "features": ["lints"]}
    assert findings(written(GOOD | made | {"flags": ["SeveralFindings"]}, kind="lint")) == []


@pytest.mark.parametrize(
    ("kind", "given", "expect", "needed"),
    [
        ("identity", {"term": ["top"]}, {}, ["peer"]),
        ("vocabulary", {"text": "{}"}, {}, ["files"]),
        ("syntax", {"text": "top", "syntax": "authoring"}, {"result": {"term": ["known", "x"]}},
         ["known", "authoring"]),
        ("floor", {"floor": {"filter": ["known", "x"], "mutate": ["drop_param", "x"]}, "policy": []}, {},
         ["known", "drop-param"]),
        ("score", {"term": ["add", ["zero"], ["gate", ["tag_in", "x", ["known"]], ["zero"]]]}, {}, ["tags"]),
        ("score", {"term": [["known"], 5, {}]}, {}, []),
    ],
    ids=str,
)  # fmt: skip
def test_the_features_that_a_vector_needs(
    kind: str, given: dict[str, Any], expect: dict[str, Any], needed: list[str]
) -> None:
    assert features_of(kind, given, expect) == needed


# --- reading ------------------------------------------------------------------------------------------------


def test_parts_of_texts_are_put_together_in_requests_only(written: Callable[..., Path]) -> None:
    given = {"text": ["[", ["ab", 3], "]"], "value": ["not", ["joined", 2]]}
    (vector,) = load_suite(written(GOOD | {"input": given})).vectors
    assert vector.request() == {"text": "[ababab]", "value": ["not", ["joined", 2]]}
    assert vector.input == given


def test_a_suite_may_have_no_vectors(tmp_path: Path) -> None:
    assert load_suite(tmp_path).vectors == ()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"kind": "score", "vectors": [{}]}',
        '{"kind": "score", "vectors": 5}',
        "[" * 100_000,
        "\ud800",
        '{"kind": "score", "vectors": [3]}',
        '{"kind": "score", "vectors": {"a": 1}}',
        '{"kind": 3, "vectors": []}',
    ],
)
def test_a_file_that_holds_no_vectors_is_named(tmp_path: Path, text: str) -> None:
    tmp_path.joinpath("vectors").mkdir()
    tmp_path.joinpath("vectors", "broken.json").write_text(text, "utf-8", "surrogatepass")
    with pytest.raises(Unreadable, match=r"^broken\.json: "):
        load_suite(tmp_path)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"id": 3}, "an `id` is no text"),
        ({"comment": []}, "the `comment` of `semantics/toy/one` is no text"),
        ({"input": []}, "the `input` of `semantics/toy/one` is no object"),
        ({"rules": "neg/score"}, "the `rules` of `semantics/toy/one` are no list of texts"),
        ({"flags": [1]}, "the `flags` of `semantics/toy/one` are no list of texts"),
        ({"expect": 3}, "the `expect` of `semantics/toy/one` is neither a result nor a refusal"),
        ({"expect": {}}, "is neither a result nor a refusal"),
        ({"expect": {"result": 3}}, "is neither a result nor a refusal"),
        ({"expect": {"refused": []}}, "is neither a result nor a refusal"),
        ({"expect": {"refused": [{"code": "PIR0201"}]}}, "is neither a result nor a refusal"),
    ],
)
def test_a_vector_that_is_none_is_named(tmp_path: Path, wrong: dict[str, Any], said: str) -> None:
    tmp_path.joinpath("vectors").mkdir()
    file = {"about": "x", "kind": "predicate", "vectors": [GOOD | wrong]}
    tmp_path.joinpath("vectors", "broken.json").write_text(json.dumps(file))
    with pytest.raises(Unreadable) as caught:
        load_suite(tmp_path)
    assert str(caught.value).startswith("broken.json: ")
    assert said in str(caught.value)
