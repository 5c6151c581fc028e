"""validate, hash, fmt and normalize take terms of any sort, from files or standard input, in any syntax."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from blake3 import blake3
from commands import POLICY, WIRE, command, fine

pytestmark = pytest.mark.usefixtures("folder")

TERMS = {
    "Pred": '["top"]',
    "Scorer": '["zero"]',
    "Selector": '["argmax"]',
    "Xform": '["id"]',
    "FailPlan": '["always", {"action": "abort"}]',
    "Policy": '["policy", ["top"], ["zero"], ["ordered"], ["id"], ["always", {"action": "abort"}]]',
}


# --- validate ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", TERMS)
def test_a_term_of_any_sort_is_validated_hashed_formatted_and_normalised(sort: str) -> None:
    assert f"valid {sort}" in fine("validate", "-", given=TERMS[sort]).out
    assert fine("hash", "-", given=TERMS[sort]).out.startswith("blake3:")
    assert json.loads(fine("fmt", "-", given=TERMS[sort]).out) == json.loads(TERMS[sort])
    assert fine("normalize", "--format", "json", "-", given=TERMS[sort]).json["sort"] == sort


def test_validate_reports_every_file_and_every_problem() -> None:
    ended = command("validate", "small.policy", "wrong.policy", "missing.policy", "pred.json")
    assert ended.code == 1
    assert [line.partition(":")[0] for line in ended.out.splitlines()] == ["small.policy", "pred.json"]
    for code in ("PIR0401", "PIR0403", "PIR0001"):
        assert f"error[{code}]" in ended.err
    assert "did you mean `price_out`" in ended.err
    assert "policy-ir help CODE  (PIR0401, PIR0403)" in ended.err


def test_validate_gives_its_diagnostics_as_its_result_in_json() -> None:
    ended = command("validate", "--format", "json", "wrong.policy", "pred.json")
    assert (ended.code, ended.err) == (1, "")
    assert ended.json["valid"] is False
    wrong, good = ended.json["files"]
    assert (wrong["file"], wrong["valid"], wrong["fingerprint"]) == ("wrong.policy", False, None)
    assert [found["code"] for found in wrong["diagnostics"]] == ["PIR0401", "PIR0403"]
    assert wrong["diagnostics"][0]["pointer"] == "/1/1"
    assert wrong["diagnostics"][0]["span"]["line"] == 1
    assert (good["valid"], good["sort"], good["diagnostics"]) == (True, "Pred", [])


def test_a_warning_admits_the_term_and_fails_a_strict_validation() -> None:
    doubtful = 'filter not region in {"eu"}'
    assert command("validate", "-", given=doubtful).code == 0
    strict = command("validate", "--strict", "-", given=doubtful)
    assert strict.code == 3
    assert "valid Pred" in strict.out
    assert "warning[PIR0503]" in strict.err
    assert fine("validate", "--strict", "pred.json").code == 0


def test_validate_warns_of_a_filter_that_accepts_nothing_of_a_catalogue() -> None:
    given = "filter context >= 999_000_000"
    assert "PIR0505" not in command("validate", "-", given=given).err
    ended = command("validate", "--catalog", "catalog.json", "-", given=given)
    assert "warning[PIR0505]" in ended.err
    assert ended.code == 0


def test_validate_knows_the_names_of_another_vocabulary(folder: Path) -> None:
    folder.joinpath("house.json").write_text(
        json.dumps({
            "vocabulary": 1, "name": "house", "extends": "standard",
            "fields": {"off": {"sort": "bool", "default": False, "source": "state", "about": "switched off"}},
        }),
        "utf-8",
    )  # fmt: skip
    assert command("validate", "-", given="filter off").code == 1
    assert command("validate", "--vocabulary", "house.json", "-", given="filter off").code == 0
    assert command("validate", "--vocabulary", "core", "-", given="filter deprecated").code == 1
    assert "PIR0702" in command("validate", "--vocabulary", "stndard", "-", given="filter off").err


# --- hash ----------------------------------------------------------------------------------------------------


def test_hash_prints_the_fingerprint_alone() -> None:
    out = fine("hash", "pred.json").out
    assert out == "blake3:16c42eb1c8b86251a83230799ba04925ca80ed40f127401cb8bc5108b8bba982\n"


def test_hash_of_several_files_names_each_and_skips_the_refused() -> None:
    ended = command("hash", "small.policy", "wrong.policy", "pred.json")
    assert ended.code == 1
    assert [line.split("  ")[1] for line in ended.out.splitlines()] == ["small.policy", "pred.json"]
    assert "PIR0401" in ended.err


def test_the_fingerprint_is_the_blake3_of_the_canonical_bytes() -> None:
    shown = fine("hash", "--format", "json", "pred.json").json
    assert list(shown) == ["fingerprint", "sort", "canonical"]
    assert shown["sort"] == "Pred"
    data = bytes.fromhex(shown["canonical"])
    assert data.startswith(b"\x82\x6bpolicy-ir/1")
    assert shown["fingerprint"] == f"blake3:{blake3(data).hexdigest()}"


def test_several_hashes_are_a_list_in_json() -> None:
    shown = fine("hash", "--format", "json", "pred.json", "small.policy").json
    assert [one["file"] for one in shown] == ["pred.json", "small.policy"]
    assert [one["sort"] for one in shown] == ["Pred", "Policy"]


def test_the_identity_of_the_peer_is_shown_on_request() -> None:
    shown = fine("hash", "--as", "sigma-pol/v2", "--format", "json", "pred.json").json
    assert shown["encoding"] == 'sigma-pol/v2:(and (cmp "price_in" "le" 5) (is "has_tee") (meets_req))'
    assert shown["short"] == "1723965313-18551162"
    assert len(shown["sha256"]) == 64
    human = fine("hash", "--as", "sigma-pol/v2", "pred.json").out
    assert [line.split()[0] for line in human.splitlines()] == ["fingerprint", "short", "sha256", "encoding"]
    both = fine("hash", "--as", "sigma-pol/v2", "pred.json", "pred.json").out
    assert both.count("pred.json\n") == 2


def test_a_term_that_the_peer_cannot_express_is_refused() -> None:
    ended = command("hash", "--as", "sigma-pol/v2", "--format", "json", "-", given='["known", "price_in"]')
    assert (ended.code, ended.out) == (1, "")
    assert [found["code"] for found in ended.diagnostics] == ["PIR0810"]
    assert ended.diagnostics[0]["span"]["line"] == 1
    assert ended.diagnostics[0]["source"] == "-"


def test_the_quick_way_and_the_usual_way_to_hash_agree() -> None:
    assert fine("hash", "small.policy").out == fine("hash", "small.policy", "--vocabulary", "standard").out


# --- canonical bytes -----------------------------------------------------------------------------------------


def test_canonical_bytes_are_terms_too(folder: Path) -> None:
    data = fine("fmt", "--to", "cbor", "pred.json").raw
    folder.joinpath("pred.cbor").write_bytes(data)
    assert fine("hash", "pred.cbor").out == fine("hash", "pred.json").out
    assert fine("hash", "-", given=data).out == fine("hash", "pred.json").out
    assert json.loads(fine("fmt", "pred.cbor").out) == json.loads(WIRE)
    assert "valid Pred" in fine("validate", "pred.cbor").out
    assert fine("normalize", "pred.cbor").out == WIRE


def test_broken_canonical_bytes_are_refused_with_their_name(folder: Path) -> None:
    folder.joinpath("broken.cbor").write_bytes(fine("fmt", "--to", "cbor", "pred.json").raw[:-1])
    ended = command("hash", "broken.cbor")
    assert ended.code == 1
    assert "PIR0801" in ended.err
    assert "broken.cbor" in ended.err


def test_canonical_bytes_are_not_written_to_a_terminal(folder: Path) -> None:
    ended = command("fmt", "--to", "cbor", "pred.json", terminal=True)
    assert (ended.code, ended.out) == (2, "")
    assert "terminal" in ended.err
    assert command("fmt", "--to", "cbor", "pred.json", "-o", "x.cbor", terminal=True).code == 0
    assert folder.joinpath("x.cbor").read_bytes().startswith(b"\x82\x6bpolicy-ir/1")


# --- fmt -----------------------------------------------------------------------------------------------------


def test_fmt_translates_both_ways_without_changing_the_fingerprint() -> None:
    wire = fine("fmt", "--to", "wire", "small.policy").out
    authored = fine("fmt", "--to", "authoring", "-", given=wire).out
    assert json.loads(wire)[0] == "policy"
    assert authored.startswith("policy {")
    prints = {fine("hash", "-", given=text).out for text in (POLICY, wire, authored)}
    assert len(prints) == 1


def test_fmt_keeps_comments_and_is_idempotent() -> None:
    once = fine("fmt", "small.policy").out
    assert once.startswith("# Cheap, with tools.\n")
    assert fine("fmt", "-", given=once).out == once


def test_fmt_check_names_what_would_change_and_writes_nothing(folder: Path) -> None:
    folder.joinpath("untidy.json").write_text('["top"   ]', "utf-8")
    ended = command("fmt", "--check", "pred.json", "untidy.json")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == "untidy.json: would be rewritten\n"
    assert folder.joinpath("untidy.json").read_text("utf-8") == '["top"   ]'
    assert fine("fmt", "--check", "pred.json").code == 0
    listed = command("fmt", "--check", "--format", "json", "pred.json", "untidy.json")
    assert listed.json == {"changed": ["untidy.json"]}


def test_fmt_write_rewrites_in_place(folder: Path) -> None:
    path = folder.joinpath("untidy.json")
    path.write_text('["top"   ]', "utf-8")
    path.chmod(0o640)
    ended = command("fmt", "--write", "untidy.json", "pred.json")
    assert (ended.code, ended.err) == (0, "untidy.json: rewritten\n")
    assert path.read_text("utf-8") == '["top"]\n'
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(file.name for file in folder.iterdir() if file.name.endswith(".new")) == []


def test_fmt_writes_to_another_file(folder: Path) -> None:
    assert command("fmt", "--to", "wire", "small.policy", "-o", "small.json").code == 0
    assert json.loads(folder.joinpath("small.json").read_text("utf-8"))[0] == "policy"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pred.json", "small.policy"], "several files"),
        (["--check", "--write", "pred.json"], "exclude each other"),
        (["--write", "-"], "standard input cannot be rewritten"),
        (["--write", "--to", "wire", "small.policy"], "--write keeps the syntax"),
        (["pred.json", "-o", "no/such/folder/x.json"], "cannot be written: no such file or directory"),
        (["pred.json", "-o", "."], "cannot be written: is a directory"),
    ],
)
def test_what_fmt_cannot_do_is_wrong_usage(arguments: list[str], said: str) -> None:
    ended = command("fmt", *arguments, given='["top"  ]')
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_fmt_looks_up_no_names() -> None:
    assert fine("fmt", "-", given="filter   no_such_field").out == "filter no_such_field\n"


def test_fmt_reports_a_refused_file() -> None:
    ended = command("fmt", "--format", "json", "-", given='["tpo"]')
    assert ended.code == 1
    assert [found["code"] for found in ended.diagnostics] == ["PIR0202"]


# --- normalize -----------------------------------------------------------------------------------------------


def test_normalize_prints_the_normal_form_in_the_syntax_of_the_input() -> None:
    assert fine("normalize", "-", given='["and", ["top"], ["not", ["not", ["is", "disabled"]]]]').out == (
        '["is", "disabled"]\n'
    )
    assert fine("normalize", "-", given="filter top and not not disabled").out == "filter disabled\n"
    assert fine("normalize", "--to", "authoring", "-", given='["is", "disabled"]').out == "filter disabled\n"


def test_normalize_as_json_has_the_fingerprint_of_the_term() -> None:
    shown = fine("normalize", "--format", "json", "small.policy").json
    assert shown["fingerprint"] + "\n" == fine("hash", "small.policy").out
    assert fine("hash", "-", given=json.dumps(shown["term"])).out == fine("hash", "small.policy").out
