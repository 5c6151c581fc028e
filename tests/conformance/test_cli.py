"""What `policy-ir conformance` shows and ends with."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from commands import command, fine
from small_suite import VECTORS, named, subject, write_suite

from policy_ir.conformance.subject import serve

IDS = sorted(id for id, _, _ in VECTORS)
NEG = "semantics/neg/prices"
BAD_NEG = {NEG: {"result": {"scores": [0, 0]}}}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return write_suite(tmp_path / "suite")


def run(suite: Path, *arguments: object, **options: Any) -> Any:
    return command("conformance", "run", "--suite", suite, *arguments, **options)


# --- run: the verdict ----------------------------------------------------------------------------------------


def test_a_run_in_which_everything_passes_ends_with_0(suite: Path, tmp_path: Path) -> None:
    ended = run(suite, "--", *subject(tmp_path))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith("fine 1.0: all 5 vectors passed\n")
    assert "semantics       3\n" in ended.out


def test_a_failure_is_shown_with_all_that_leads_to_it_and_ends_with_3(suite: Path, tmp_path: Path) -> None:
    ended = run(suite, "--", *subject(tmp_path, "odd", BAD_NEG))
    assert (ended.code, ended.err) == (3, "")
    shown = ended.out.split("\n\n")[1]
    assert shown.splitlines() == [
        NEG,
        f"The vector {NEG}.",
        '  /result/scores/1: expected "-inf", got 0',
        "  by field/score, neg/score",
        f"  policy-ir conformance show {NEG}",
    ]
    assert ended.out.endswith("odd 1.0: 1 of 5 vectors failed\n")


def test_the_time_that_a_run_took_is_for_terminals(suite: Path, tmp_path: Path) -> None:
    seen = run(suite, "--", *subject(tmp_path), terminal=True)
    assert " s\n" in seen.out.splitlines(keepends=True)[-1]
    assert run(suite, "--", *subject(tmp_path)).out == run(suite, "--", *subject(tmp_path)).out


def test_a_crash_is_a_failure_with_the_last_words_of_the_subject(suite: Path, tmp_path: Path) -> None:
    crashing = subject(tmp_path, "weak", {"syntax/json/null": None})
    ended = run(suite, "--all", "--", *crashing)
    assert "  the subject ended with the exit status 7 (Segmentation fault, or so)\n" in ended.out
    assert "weak wrote to its standard error" in ended.out
    assert ended.out.endswith("1 of 5 vectors failed\n")


def test_what_a_subject_does_not_have_is_skipped_with_the_reason(suite: Path, tmp_path: Path) -> None:
    skips = {"syntax/json/null": {"skipped": "not yet"}}
    partial = subject(tmp_path, "young", skips, features=[], kinds=["syntax", "predicate"])
    ended = run(suite, "--", *partial)
    assert ended.code == 0
    assert "3 skipped\n" in ended.out
    assert "1  not yet\n" in ended.out
    assert "1  the subject does not answer the kind score\n" in ended.out
    assert "1  the subject has no feature known\n" in ended.out
    assert ended.out.endswith("young 1.0: 2 of 5 vectors passed, none failed, 3 skipped\n")


def test_kinds_and_features_that_there_are_not_are_told(suite: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    hello = {"type": "hello", "implementation": "odd", "kinds": ["scores"], "features": ["core", "athoring"]}
    path.write_text(f"import sys\nsys.stdin.readline()\nprint({json.dumps(json.dumps(hello))})\nsys.stdin.read()\n")
    ended = run(suite, "--", sys.executable, path)
    assert ended.code == 3
    assert ended.out.endswith("odd: none of 5 vectors was asked, 5 skipped\n")
    assert "has the kind `scores`, which there is not; did you mean `score`?" in ended.err
    assert "has the feature `athoring`, which there is not; did you mean `authoring`?" in ended.err


def test_a_program_whose_first_line_names_none_is_told_so(suite: Path, tmp_path: Path) -> None:
    path = tmp_path / "subject"
    path.write_text("#!/no/such/program\n")
    path.chmod(0o755)
    ended = run(suite, "--", path)
    assert ended.code == 2
    assert "there is no such program as its first line names" in ended.err


def test_a_subject_that_does_not_end_well_is_told_so(suite: Path, tmp_path: Path) -> None:
    command_line = subject(tmp_path)
    script = Path(command_line[1])
    script.write_text(script.read_text("utf-8") + "\nsys.exit(5)\n", "utf-8")
    assert "exit status 5" in run(suite, "--", *command_line).out


def test_subjects_are_shown_side_by_side(suite: Path, tmp_path: Path) -> None:
    one, two = subject(tmp_path, "one"), subject(tmp_path, "two", BAD_NEG)
    ended = run(suite, *named("first", one), *named("second", two))
    assert ended.code == 3
    assert ended.out.splitlines()[0].split() == ["chapter", "first", "second"]
    assert "semantics  3      2, 1 failed\n" in ended.out
    assert '  first: passes\n  second: /result/scores/1: expected "-inf", got 0\n' in ended.out
    assert "first (one 1.0): all 5 vectors passed\n" in ended.out
    assert ended.out.endswith("second (two 1.0): 1 of 5 vectors failed\n")


def test_subjects_that_are_not_named_name_themselves(suite: Path, tmp_path: Path) -> None:
    fine_one = subject(tmp_path)
    ended = run(suite, "--subject", " ".join(fine_one), *named("mine", fine_one), "--", *fine_one)
    assert ended.code == 0
    assert [line.partition(": all")[0] for line in ended.out.splitlines()[-3:]] == [
        "fine 1.0",
        "mine (fine 1.0)",
        "fine (2) (fine 1.0)",
    ]


def test_at_most_twenty_failures_are_shown_without_being_asked_for(tmp_path: Path) -> None:
    many: list[tuple[str, str, dict[str, Any]]] = [
        (f"syntax/many/n{at}", "syntax", {"value": ["lit", at]}) for at in range(25)
    ]
    suite = write_suite(tmp_path / "many", many, {})
    wrong = subject(tmp_path, "wrong", {id: {"result": {}} for id, _, _ in many})
    assert run(suite, "--", *wrong).out.count("conformance show") == 20
    assert "and 5 more that fail" in run(suite, "--", *wrong).out
    assert run(suite, "--all", "--", *wrong).out.count("conformance show") == 25


# --- run: wrong usage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which implementation? `policy-ir conformance run -- COMMAND` starts it by COMMAND"),
        (["--", "no-such-program-at-all"], "`no-such-program-at-all` cannot be started: there is no such program"),
        (["--", sys.executable, "-c", "pass"], "does not speak the protocol: the subject ended with the exit status 0"),
        (["--", sys.executable, "-c", "print(1)"], "does not speak the protocol"),
        (["--", "./README.md"], "`./README.md` cannot be started: permission denied"),
        (["--html", "no/where", "--", "x"], "`no/where` cannot be written: no such file or directory"),
        (["--output", ".", "--", "x"], "`.` cannot be written: is a directory"),
        (["--subject", "x="], "--subject `x=` has no command"),
        (["--subject", "x='a"], "cannot be divided into words"),
        (["--subject", "x=a", "--subject", "x=b"], "two subjects have the name `x`"),
        (["--kind", "scores", "--", "x"], "no vector has the kind `scores`; did you mean `score`?"),
        (["--rule", "nothing/*", "--", "x"], "`policy-ir conformance list --by rule` shows all"),
        (["--kind", "syntax", "--flag", "Infinite", "--", "x"], "no vector is all of that at once"),
        (["--time-limit", "0", "--", "x"], "--time-limit"),
        (["--format", "xml", "--", "x"], "'xml' is not one of 'human', 'json', 'junit', 'html'"),
    ],
)
def test_a_run_that_cannot_be_made_ends_with_2_and_says_why(suite: Path, arguments: list[str], said: str) -> None:
    ended = run(suite, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_folder_without_vectors_is_no_suite(tmp_path: Path) -> None:
    assert "has no folder `vectors`" in run(tmp_path, "--", "x").err
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "bad.json").write_text("{", "utf-8")
    ended = run(tmp_path, "--", "x")
    assert ended.code == 2
    assert "bad.json" in ended.err


# --- run: which vectors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (["--kind", "score"], [NEG]),
        (["--id", "syntax"], ["syntax/json/null", "syntax/sorts/unknown"]),
        (["--id", "*/sorts/*"], ["syntax/sorts/unknown"]),
        (["--rule", "cmp"], ["semantics/cmp/cheap"]),
        (["--rule", "PIR0202"], ["syntax/sorts/unknown"]),
        (["--feature", "known"], ["semantics/known/price"]),
        (["--feature", "core", "--kind", "predicate"], ["semantics/cmp/cheap"]),
        (["--flag", "Infinite", "--flag", "MissingObservation"], ["semantics/cmp/cheap", NEG]),
    ],
)
def test_vectors_are_picked_by_what_they_are_about(suite: Path, tmp_path: Path, options: list[str],
                                                   asked: list[str]) -> None:  # fmt: skip
    assert fine("conformance", "list", "--suite", suite, "--ids", *options).out.split() == asked
    ended = run(suite, *options, "--format", "json", "--", *subject(tmp_path))
    assert [one["id"] for one in ended.json["subjects"][0]["outcomes"]] == asked


# --- run: known failures -------------------------------------------------------------------------------------


def known(folder: Path, failures: dict[str, str], name: str = "known.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(failures), "utf-8")
    return path


def test_a_known_failure_is_no_failure(suite: Path, tmp_path: Path) -> None:
    ended = run(suite, "--known", known(tmp_path, {NEG: 'expected "-inf"'}), "--", *subject(tmp_path, "odd", BAD_NEG))
    assert ended.code == 0
    assert "1 known failure\n" in ended.out
    assert ended.out.endswith("odd 1.0: 4 of 5 vectors passed, none failed, 1 known to fail\n")


def test_a_known_failure_that_passes_fails(suite: Path, tmp_path: Path) -> None:
    ended = run(suite, "--known", known(tmp_path, {NEG: "anything"}), "--", *subject(tmp_path))
    assert ended.code == 3
    assert "it passes, and is known to fail with: anything" in ended.out


def test_a_known_failure_with_another_message_fails(suite: Path, tmp_path: Path) -> None:
    ended = run(suite, "--known", known(tmp_path, {NEG: "a crash"}), "--", *subject(tmp_path, "odd", BAD_NEG))
    assert ended.code == 3
    assert "it is known to fail with: a crash" in ended.out


def test_known_failures_may_be_of_one_subject_and_in_toml(suite: Path, tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(f'"{NEG}" = \'expected "-inf"\'\n', "utf-8")
    odd, good = subject(tmp_path, "odd", BAD_NEG), subject(tmp_path)
    both = (*named("odd", odd), *named("good", good))
    assert run(suite, *both, "--known", f"odd={path}").code == 0
    assert run(suite, *both, "--known", path).code == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "cannot be read: the list is no object"),
        ("{", "cannot be read"),
        ('{"semantics/neg/price": "x"}', "there is no such vector; did you mean `semantics/neg/prices`?"),
    ],
)
def test_a_list_of_known_failures_that_is_none_ends_with_2(suite: Path, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(text, "utf-8")
    ended = run(suite, "--known", path, "--", *subject(tmp_path))
    assert ended.code == 2
    assert said in ended.err
    assert run(suite, "--known", tmp_path / "missing", "--", "x").code == 2
    ended = run(suite, "--known", "mine=known.json", "--", "x")
    assert ended.code == 2
    assert "there is no such file, and no --subject `mine`" in ended.err


# --- run: where it is written --------------------------------------------------------------------------------


def test_reports_can_be_written_together(suite: Path, tmp_path: Path) -> None:
    paths = {kind: tmp_path / f"report.{kind}" for kind in ("json", "junit", "html")}
    options = [word for kind, path in paths.items() for word in (f"--{kind}", str(path))]
    ended = run(suite, *options, "--", *subject(tmp_path))
    assert ended.out.endswith("all 5 vectors passed\n")
    assert json.loads(paths["json"].read_text("utf-8"))["passed"] is True
    assert paths["junit"].read_text("utf-8").startswith("<?xml")
    assert paths["html"].read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("format", ["human", "json", "junit", "html"])
def test_output_puts_the_report_into_a_file_alone(suite: Path, tmp_path: Path, format: str) -> None:
    path = tmp_path / "report"
    ended = run(suite, "--format", format, "--output", path, "--", *subject(tmp_path))
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert "semantics" in path.read_text("utf-8")


def test_a_report_that_cannot_be_written_ends_with_2(suite: Path, tmp_path: Path) -> None:
    ended = run(suite, "--html", tmp_path / "no" / "where", "--", *subject(tmp_path))
    assert ended.code == 2
    assert "cannot be written" in ended.err


def test_there_is_a_bar_on_a_terminal_only_and_never_in_the_report(suite: Path, tmp_path: Path) -> None:
    assert run(suite, "--", *subject(tmp_path)).err == ""
    seen = run(suite, "--", *subject(tmp_path), terminal=True)
    assert "5/5" in seen.err
    assert "5/5" not in seen.out
    assert run(suite, "--", *subject(tmp_path), terminal=True, environment={"TERM": "dumb"}).err == ""


def test_a_narrow_terminal_is_kept_to(suite: Path, tmp_path: Path) -> None:
    wrong = subject(tmp_path, "odd", {"syntax/json/null": {"result": {"term": ["x" * 200]}}} | BAD_NEG)
    for arguments in (["run", "--", *wrong], ["list"], ["list", "--by", "rule"], ["coverage"]):
        verb, *rest = arguments
        out = command("conformance", verb, "--suite", suite, *rest, columns=50).out
        lines = [line for line in out.splitlines() if "conformance show" not in line]
        assert max(map(len, lines)) <= 50


# --- list, show ----------------------------------------------------------------------------------------------


def test_list_says_what_each_vector_is_about(suite: Path) -> None:
    out = fine("conformance", "list", "--suite", suite).out
    assert "semantics/neg/prices   score      The vector semantics/neg/prices.\n" in out
    assert out.endswith("5 vectors\n")
    assert all(id in fine("conformance", "list", "--suite", suite, columns=40).out for id in IDS)
    listed = fine("conformance", "list", "--suite", suite, "--format", "json").json
    assert [one["id"] for one in listed] == IDS
    assert listed[1]["rules"] == ["known/accept", "known/reject"]


def test_list_counts_by_rule_feature_flag_kind_and_chapter(suite: Path) -> None:
    def counts(by: str) -> Any:
        return fine("conformance", "list", "--suite", suite, "--by", by, "--format", "json").json

    assert counts("kind") == {"predicate": 2, "score": 1, "syntax": 2}
    assert counts("chapter") == {"semantics": 3, "syntax": 2}
    assert counts("flag") == {"Infinite": 1, "MissingObservation": 2}
    assert counts("feature") == {"core": 4, "known": 1}
    assert counts("rule")["PIR0115"] == 1
    assert "predicate        2\n" in fine("conformance", "list", "--suite", suite, "--by", "kind").out


def test_show_has_everything_about_a_vector(suite: Path) -> None:
    out = fine("conformance", "show", "--suite", suite, NEG).out
    for shown in (
        NEG,
        f"The vector {NEG}.",
        "field/score  spec/semantics.md#field/score",
        '"term": ["neg", ["field", "price_in"]],',
        '{"scores": [0, "-inf"]}',
        "Infinite, MissingObservation",
    ):
        assert shown in out
    refused = fine("conformance", "show", "--suite", suite, "syntax/json/null").out
    assert '[{"code": "PIR0115", "pointer": "/1"}]' in refused


def test_show_prints_the_messages_that_a_subject_reads(suite: Path) -> None:
    ended = fine("conformance", "show", "--suite", suite, "--request", NEG, "syntax/json/null")
    replies = io.BytesIO()
    serve(io.BytesIO(ended.raw), replies)
    hello, *answers = map(json.loads, replies.getvalue().splitlines())
    assert hello["type"] == "hello"
    assert [one["id"] for one in answers] == [NEG, "syntax/json/null"]
    assert answers[0]["result"] == {"scores": [0, "-inf"]}
    line = next(
        line for line in fine("conformance", "show", "--suite", suite, NEG).out.splitlines() if '"type"' in line
    )
    assert json.loads(line) == json.loads(ended.out.splitlines()[1])


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("semantics/neg/price", "there is no vector `semantics/neg/price`; did you mean `semantics/neg/prices`?"),
        (
            "semantics",
            "is no whole id; there are `semantics/cmp/cheap`, `semantics/known/price`, `semantics/neg/prices`",
        ),
        ("prices", "there is `semantics/neg/prices`"),
        ("semantics/*", "is no whole id; `policy-ir conformance list --id GLOB` shows those of a pattern"),
        ("zzz", "`policy-ir conformance list` shows all"),
    ],
)
def test_an_unknown_id_is_met_with_one_that_there_is(suite: Path, id: str, said: str) -> None:
    ended = command("conformance", "show", "--suite", suite, id)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_show_as_json_is_the_vector(suite: Path) -> None:
    (shown,) = fine("conformance", "show", "--suite", suite, "--format", "json", NEG).json
    assert shown["input"]["term"] == ["neg", ["field", "price_in"]]
    assert shown["expect"] == {"result": {"scores": [0, "-inf"]}}


def test_what_vectors_hold_steers_no_terminal(tmp_path: Path) -> None:
    evil = "\u202eevil\x1b[31m\U000e0041"
    suite = write_suite(tmp_path / "s", [("syntax/evil/x", "syntax", {"value": ["provider_eq", evil]})], {})
    out = fine("conformance", "show", "--suite", suite, "syntax/evil/x").out
    assert not set(evil) & set(out) - set("evil[31m")
    assert json.loads(next(line for line in out.splitlines() if '"type"' in line))["input"]["value"][1] == evil


# --- copy, coverage, serve -----------------------------------------------------------------------------------


def test_copy_gives_what_needs_no_python(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    ended = fine("conformance", "copy", folder)
    assert ended.out == f"the suite is in {folder}; its README.md says what is where\n"
    found = {path.relative_to(folder).parts[0] for path in folder.rglob("*")}
    assert found == {"README.md", "exempt.json", "protocol.md", "schema", "vectors"}
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".md", ".json"}
    listed = fine("conformance", "list", "--ids", "--suite", folder).out
    assert listed == fine("conformance", "list", "--ids").out


def test_copy_writes_over_nothing_unless_it_is_told_to(suite: Path, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", "utf-8")
    ended = command("conformance", "copy", "--suite", suite, folder)
    assert ended.code == 2
    assert "is not empty; --force writes into it" in ended.err
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    fine("conformance", "copy", "--suite", suite, "--force", folder)
    assert (folder / "mine.txt").exists()
    assert (folder / "vectors" / "semantics" / "neg" / "prices.json").exists()
    assert command("conformance", "copy", "--suite", suite, folder / "mine.txt").code == 2
    assert command("conformance", "copy", "--suite", suite, folder / "mine.txt" / "x").code == 2


def test_coverage_that_has_gaps_ends_with_3_and_names_them(suite: Path) -> None:
    ended = command("conformance", "coverage", "--suite", suite)
    assert (ended.code, ended.err) == (3, "")
    assert "and/accept" in ended.out
    assert "passed or denied by no vector" in ended.out
    assert "not covered:" in ended.out.splitlines()[-1]
    found = command("conformance", "coverage", "--suite", suite, "--format", "json").json
    assert found["holds"] is False
    (rule,) = (one for one in found["subjects"] if one["id"] == "neg/score")
    assert (rule["passed"], rule["missing"]) == ([NEG], ["denied"])
    assert "neg/score" in command("conformance", "coverage", "--suite", suite, "--all").out


def test_coverage_of_a_list_of_exemptions_that_is_none_ends_with_2(suite: Path) -> None:
    (suite / "exempt.json").write_text('{"exempt": [{"id": "x", "why": "y"}, {"id": "x", "why": "z"}]}', "utf-8")
    ended = command("conformance", "coverage", "--suite", suite)
    assert ended.code == 2
    assert "occurs twice" in ended.err


def test_serve_answers_as_the_reference(suite: Path) -> None:
    asked = fine("conformance", "show", "--suite", suite, "--request", NEG).raw
    ended = fine("conformance", "serve", given=asked)
    hello, answer = map(json.loads, ended.out.splitlines())
    assert hello["findings"] == "all"
    assert answer == {"id": NEG, "result": {"scores": [0, "-inf"]}}


def test_this_implementation_conforms() -> None:
    ended = command("conformance", "run", "--", sys.executable, "-m", "policy_ir", "conformance", "serve")
    assert ended.code == 0, ended.out


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_an_interrupted_run_ends_its_subject(suite: Path, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    text = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    arguments = ["conformance", "run", "--suite", str(suite), "--", sys.executable, "-c", text]
    running = subprocess.Popen([sys.executable, "-m", "policy_ir", *arguments], stderr=subprocess.PIPE)
    until = time.monotonic() + 20
    while not (mark.exists() and mark.read_text("utf-8")) and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert (running.returncode, err) == (130, b"")
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text("utf-8")), 0)
