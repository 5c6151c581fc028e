"""What a runner does with subjects, good ones and bad ones. Specification: chapter "Conformance", "The protocol"."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from unittest.mock import ANY

import pytest
from attrs import evolve
from toy_subjects import program, toy, toy_text, vector, vectors

from policy_ir.conformance.runner import Outcome, Run, SubjectError, process, read_known, run
from policy_ir.conformance.runner.process import LINE_BYTES, interrupts_held_back

FINE = "fine(id)"


def statuses(made: Run) -> str:
    """A letter for each outcome: (p)ass, (f)ail, (s)kip, (k)nown, (u)nexpected pass."""
    return "".join(outcome.status[0] for outcome in made.outcomes)


def failures(made: Run) -> dict[str, str]:
    """The messages of those that did not pass, by the number of the vector."""
    return {o.vector.id.removeprefix("toy/"): o.message for o in made.outcomes if o.status != "pass"}


def at_two(wrong: str) -> str:
    """A subject's answers: something wrong to the vector 2, and right to all others."""
    return f"if name == '2':\n    {wrong}\nelse:\n    fine(id)"


def test_a_subject_that_answers_rightly_passes() -> None:
    told: list[Outcome] = []
    made = run(vectors(3), toy(FINE), on_outcome=told.append)
    assert statuses(made) == "ppp"
    assert tuple(told) == made.outcomes
    assert made.passed
    assert made.ending is None
    assert made.hello["implementation"] == "toy"


def test_an_empty_list_of_vectors_is_a_hello_and_an_end() -> None:
    made = run([], toy(FINE))
    assert made.outcomes == ()
    assert made.passed


def test_another_result_fails_with_the_place_of_the_difference() -> None:
    made = run(vectors(3), toy(at_two("say({'id': id, 'result': {'sort': 'Xform'}})")))
    assert failures(made) == {"2": '/result/sort: expected "Pred", got "Xform"'}
    assert not made.passed


# --- what fails, fails at the request that was owed ---------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("os._exit(3)", "the subject ended with the exit status 3"),
        ("os._exit(0)", "the subject ended with the exit status 0"),
        ("os.kill(os.getpid(), 9)", "the subject was ended by SIGKILL"),
        ("raise KeyError('boom')", "the subject ended with the exit status 1 (KeyError: 'boom')"),
        ("os.close(1); time.sleep(60)", "the subject closed its standard output"),
        ("raw(b'{\"id\"'); os._exit(0)", "the subject ended with the exit status 0 in the middle of a line"),
        ("raw(b'garbage\\n')", "the subject wrote a line that is no JSON: `garbage`"),
        ("raw(b'\\n')", "the subject wrote a line that is no JSON: ``"),
        ("raw(b'\\xff\\n')", "the subject wrote a line that is not UTF-8: `�`"),
        ("raw(b'\\xef\\xbb\\xbf{}\\n')", "the subject wrote a line that is no JSON: `\\ufeff{}`"),
        ("raw(b'[' * 100000 + b'\\n')", f"the subject wrote a line that is nested too deep to be read: `{'[' * 63}…`"),
        (
            "raw(b'{\"id\": NaN}\\n')",
            'the subject wrote a line that is no JSON (NaN is no number of it): `{"id": NaN}`',
        ),
        (
            "raw(b'{\"id\": 1,}\\n')",
            'the subject wrote a line that is no JSON (from character 10 on): `{"id": 1,}`',
        ),
        (
            "raw(b'[' + b'1' * 5000 + b']\\n')",
            f"the subject wrote a line that is no JSON (a number has too many digits): `[{'1' * 62}…`",
        ),
        (
            'raw(b\'{"id": "toy/2", "result": {"sort": "Xform", "sort": "Pred"}}\\n\')',
            "the subject wrote a line with the member `sort` twice",
        ),
        ("say([])", "the subject wrote a line that is no JSON object: `[]`"),
        ("say({})", "the subject wrote a line without an `id`: `{}`"),
        ("say({'id': 'toy/3', 'result': {}})", "the subject wrote a reply with the id `toy/3`"),
        ("say({'id': 2, 'result': {}})", "the subject wrote a reply with the id `2`"),
        (
            "say({'id': id})",
            'the subject wrote a reply without `result`, `refused`, `skipped` or `error`: `{"id": "toy/2"}`',
        ),
        ("say({'id': id, 'result': {}, 'error': ''})", "the subject wrote a reply with `result` and `error`"),
        (
            "say({'id': id, 'result': []})",
            'the subject wrote a `result` that is no object: `{"id": "toy/2", "result": []}`',
        ),
        (
            "say({'id': id, 'refused': []})",
            'the subject wrote a `refused` that is no list of findings: `{"id": "toy/2", "refused": []}`',
        ),
        (
            "say({'id': id, 'refused': [1]})",
            'the subject wrote a `refused` that is no list of findings: `{"id": "toy/2", "refused": [1]}`',
        ),
        (
            "say({'id': id, 'skipped': 1})",
            'the subject wrote `skipped` with something else than a text: `{"id": "toy/2", "skipped": 1}`',
        ),
    ],
)
def test_a_failure_is_that_of_the_request_that_was_owed_and_of_no_other(wrong: str, message: str) -> None:
    made = run(vectors(6), toy(at_two(wrong)))
    assert failures(made) == {"2": message}
    assert [outcome.vector.id for outcome in made.outcomes] == [f"toy/{at}" for at in range(6)]


def test_a_subject_that_hangs_fails_at_the_request_it_hangs_on() -> None:
    begun = time.monotonic()
    made = run(vectors(6), toy(at_two("time.sleep(60)")), time_limit=1)
    assert failures(made) == {"2": "no reply within 1 s"}
    assert time.monotonic() - begun < 20


def test_a_late_answer_is_none_and_the_next_one_is_not_taken_for_it() -> None:
    made = run(vectors(6), toy(at_two("time.sleep(2); fine(id)")), time_limit=1)
    assert failures(made) == {"2": "no reply within 1 s"}


def test_the_time_of_a_request_starts_when_the_one_before_it_is_answered() -> None:
    made = run(vectors(6), toy("time.sleep(0.4); fine(id)"), time_limit=1)  # 2.4 s for all of them, written at once
    assert statuses(made) == "pppppp"
    assert all(0.3 < outcome.seconds < 1 for outcome in made.outcomes)


def test_a_subject_that_fails_at_every_request_is_asked_about_every_vector() -> None:
    made = run(vectors(5), toy("os._exit(7)"))
    assert failures(made) == {str(at): "the subject ended with the exit status 7" for at in range(5)}


def test_a_subject_that_hangs_at_every_request_is_given_up() -> None:
    begun = time.monotonic()
    made = run(vectors(200), toy("time.sleep(60)"), time_limit=0.3, patience=1)
    given_up = {o.message for o in made.outcomes[5:]}
    assert made.outcomes[0].message == "no reply within 0.3 s"
    assert statuses(made) == "f" * 200
    assert len(given_up) == 1
    assert given_up.pop().startswith("not asked: the subject is given up, ")
    assert time.monotonic() - begun < 20


def test_known_hangs_and_slow_answers_are_not_waited_for_in_vain() -> None:
    hangs = toy("if name in ('0', '1', '2'): time.sleep(60)\ntime.sleep(0.1)\nfine(id)")
    known = {f"toy/{at}": "no reply" for at in range(3)}
    assert statuses(run(vectors(8), hangs, time_limit=0.4, patience=1, known=known)) == "kkkppppp"


def test_a_time_limit_may_be_longer_than_any_wait() -> None:
    assert statuses(run(vectors(2), toy(FINE), time_limit=1e300)) == "pp"
    assert statuses(run(vectors(2), toy(FINE), time_limit=float("inf"))) == "pp"


def test_a_reply_that_is_nested_deeper_than_anything_due_is_a_difference_like_any_other() -> None:
    deep = "raw(b'{\"id\": \"toy/2\", \"result\": {\"sort\": ' + b'[' * 400 + b']' * 400 + b'}}\\n')"
    (message,) = failures(run(vectors(4), toy(at_two(deep)))).values()
    assert message.startswith('/result/sort: expected "Pred", got [[[[')


def test_a_line_that_is_too_long_is_not_read_to_its_end() -> None:
    made = run(vectors(4), toy(at_two("while True: raw(b'x' * 65536)")))
    assert failures(made) == {"2": "the subject wrote a line that is too long"}


@pytest.mark.parametrize(("extra", "status"), [(0, "p"), (1, "f")])
def test_a_reply_has_at_most_so_many_bytes(extra: int, status: str) -> None:
    padded = f"""
line = b'{{"id": "toy/0", "result": {{"sort": "Pred"}}, "ignored": "'
raw(line + b'x' * ({LINE_BYTES + extra} - len(line) - 2) + b'"}}\\n')
"""
    assert statuses(run(vectors(1), toy(padded))) == status


def test_two_replies_to_one_request_fail_at_the_next() -> None:
    made = run(vectors(5), toy(at_two("fine(id); fine(id)")))
    assert failures(made) == {"3": "the subject wrote a reply with the id `toy/2`"}


def test_an_error_fails_the_vector_and_the_subject_goes_on() -> None:
    counted = "count = globals().get('count', 0) + 1\nif name == '3' and count != 4: os._exit(1)\n"
    made = run(vectors(5), toy(counted + at_two("say({'id': id, 'error': 'not yet\\nthere'})")))
    assert failures(made) == {"2": "the subject reports an error: not yet\\nthere"}


def test_members_that_no_rule_names_are_ignored() -> None:
    made = run(vectors(1), toy("say({'id': id, 'result': {'sort': 'Pred'}, 'type': 'reply', 'ms': 5})"))
    assert statuses(made) == "p"


def test_a_text_that_a_subject_made_up_cannot_steer_a_terminal_or_fill_it() -> None:
    made = run(vectors(1), toy("say({'id': id, 'error': '\\x1b[31m' + 'x' * 100000})"))
    (message,) = failures(made).values()
    assert message.isprintable()
    assert len(message) < 500


# --- pipes --------------------------------------------------------------------------------------------------


def test_a_subject_may_flood_its_standard_error() -> None:
    made = run(vectors(20), toy("sys.stderr.write('x' * 1000000); fine(id)"))
    assert statuses(made) == "p" * 20


def test_the_end_of_the_standard_error_is_kept_where_something_went_wrong() -> None:
    made = run(vectors(3), toy(at_two("sys.stderr.write('noise\\n' * 100000 + 'the reason\\n'); os._exit(1)")))
    outcome = made.outcomes[2]
    assert outcome.message == "the subject ended with the exit status 1 (the reason)"
    assert outcome.stderr.endswith("noise\nthe reason\n")
    assert len(outcome.stderr) <= 8192


def test_a_subject_that_stops_reading_blocks_nobody() -> None:
    long = [vector(str(at), input={"text": "x" * 200_000}) for at in range(8)]
    made = run(long, toy(at_two("time.sleep(60)")), time_limit=1)
    assert failures(made) == {"2": "no reply within 1 s"}


def test_a_subject_need_not_read_ahead_nor_a_runner_wait_for_each_reply() -> None:
    batches = program("""
sys.stdin.readline()
say(HELLO)
while lines := [line for line in (sys.stdin.readline() for _ in range(4)) if line]:
    for line in lines:
        fine(json.loads(line)["id"])
""")
    assert statuses(run(vectors(100), batches)) == "p" * 100


def test_requests_are_lines_of_ascii_whatever_they_hold(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    odd = "\u2028\x85é\U0001f600\n\x00"
    made = run(
        [vector("0", input={"text": ["a", [odd, 2]]})],
        toy(f"open({str(seen)!r}, 'w').write(line)\nfine(id)"),
    )
    assert statuses(made) == "p"
    line = seen.read_text("utf-8")
    assert line.isascii()
    assert json.loads(line) == {
        "type": "request",
        "id": "toy/0",
        "kind": "admission",
        "input": {"text": f"a{odd}{odd}"},
    }


def test_nothing_is_left_running(tmp_path: Path) -> None:
    written = tmp_path / "pids"
    wrong = f"""
if name == '2':
    import subprocess
    child = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(600)'])
    open({str(written)!r}, 'a').write(f'{{os.getpid()}} {{child.pid}} ')
    time.sleep(600)
fine(id)
"""
    before = threading.active_count()
    made = run(vectors(4), toy(wrong), time_limit=2)
    assert failures(made) == {"2": "no reply within 2 s"}
    pids = [int(pid) for pid in written.read_text().split()]
    assert len(pids) == 2
    for pid in pids:
        for _ in range(100):  # a grandchild is somebody else's to collect, which may take a moment
            if not _runs(pid):
                break
            time.sleep(0.05)
        assert not _runs(pid)
    assert threading.active_count() == before


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_interruption_ends_the_subject(tmp_path: Path) -> None:
    written = tmp_path / "pid"

    def interrupt(_: Outcome) -> None:
        raise KeyboardInterrupt

    told = f"if name == '0': open({str(written)!r}, 'w').write(str(os.getpid()))\nfine(id)"
    with pytest.raises(KeyboardInterrupt):
        run(vectors(3), toy(told), on_outcome=interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int(written.read_text()), 0)


# --- the end of the input -----------------------------------------------------------------------------------


def test_a_subject_that_does_not_end_well_fails_the_run_and_no_vector() -> None:
    made = run(vectors(2), program(toy_text(FINE) + "sys.exit(5)\n"))
    assert statuses(made) == "pp"
    assert not made.passed
    assert made.ending == "it ended with the exit status 5 at the end of its input"


@pytest.mark.parametrize("more", ["say({'id': 'toy/1', 'result': {}})", "raw(b'bye')", "raw(b'\\n')"])
def test_a_subject_that_writes_on_after_its_last_reply_fails_the_run(more: str) -> None:
    made = run(vectors(2), program(toy_text(FINE) + more + "\n"))
    assert statuses(made) == "pp"
    assert not made.passed
    assert made.ending == "it wrote more than one line for each request"
    assert run(vectors(2), toy(f"fine(id)\nif name == '1': {more}")).ending == made.ending


def test_what_is_written_at_the_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE", 0.5)
    asked = process.Process(program("sys.stdin.read()\nwhile True: raw(b'x\\n' * 1000)\n"))
    assert asked.finish() == "it did not end within 0.5 s of the end of its input"
    assert asked.receive(time.monotonic()) == process.End("ended", ANY)


def test_a_subject_that_does_not_end_at_all_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE", 0.5)
    made = run(vectors(2), program(toy_text(FINE) + "time.sleep(60)\n"))
    assert statuses(made) == "pp"
    assert made.ending == "it did not end within 0.5 s of the end of its input"


def test_what_has_left_the_subject_and_holds_its_pipes_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "JOIN", 0.2)
    written = tmp_path / "pid"
    escape = f"""
import subprocess
child = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(30)'], start_new_session=True)
open({str(written)!r}, 'w').write(str(child.pid))
"""
    begun = time.monotonic()
    try:
        made = run(vectors(2), program(escape + toy_text(FINE)))
        assert statuses(made) == "pp"
        assert time.monotonic() - begun < 10
    finally:
        os.kill(int(written.read_text()), signal.SIGKILL)


# --- hello --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sys.exit(4)", "the subject ended with the exit status 4 before its hello"),
        ("raise ValueError('nothing works')", "before its hello (ValueError: nothing works)"),
        ("raw(b'usage: toy\\n')", "a line that is no JSON: `usage: toy`"),
        ("say({'type': 'reply'})", 'the first line is no hello: `{"type": "reply"}`'),
        ("say({'type': 'hello'})", "the hello has no text `implementation`"),
        ("say(HELLO | {'version': 1})", "the `version` of the hello is no text"),
        ("say(HELLO | {'language': ['policy-ir/2']})", "the subject does not implement policy-ir/1"),
        ("say(HELLO | {'kinds': 'score'})", "the `kinds` of the hello are no list of texts"),
        ("say(HELLO | {'features': [1]})", "the `features` of the hello are no list of texts"),
        ("say(HELLO | {'findings': 'none'})", "the `findings` of the hello are none of verdict, first, all"),
        ("time.sleep(60)", "the subject says no hello within 1 s"),
        ("while True: raw(b'x' * 65536)", "the subject wrote a line that is too long before its hello"),
    ],
)
def test_a_command_that_says_no_proper_hello_is_no_subject(text: str, message: str) -> None:
    with pytest.raises(SubjectError) as caught:
        run(vectors(2), program(text), start_limit=1 if "60" in text else 30)
    assert message in str(caught.value)


def test_a_command_that_cannot_be_started_is_no_subject(tmp_path: Path) -> None:
    with pytest.raises(SubjectError, match="`no-such-program-of-all` cannot be started: no such file or directory"):
        run(vectors(1), ["no-such-program-of-all"])
    with pytest.raises(SubjectError, match="cannot be started"):
        run(vectors(1), [str(tmp_path)])
    with pytest.raises(SubjectError, match="cannot be started"):
        run(vectors(1), [])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("\n  one \n\n", "one"),
        ("first\nlast\n", "last"),
        ("Traceback (most recent call last):\n  File\nKeyError: 'boom'\n", "KeyError: 'boom'"),
        (
            "node:internal/modules:1210\n  throw err;\n  ^\n\nError: Cannot find module 'x'\n    at Module\n"
            "  code: 'MODULE_NOT_FOUND',\n}\n\nNode.js v20.20.2\n",
            "Error: Cannot find module 'x'",
        ),
        ("panic: boom\n\ngoroutine 1 [running]:\nexit status 2\n", "panic: boom"),
        ("thread 'main' panicked at src/main.rs:2:5: boom\nnote: run with `RUST_BACKTRACE=1`\n",
         "thread 'main' panicked at src/main.rs:2:5: boom"),
        ("Exception in thread \"main\" java.lang.IllegalStateException: boom\n\tat Main.main(Main.java:3)\n",
         'Exception in thread "main" java.lang.IllegalStateException: boom'),
    ],
)  # fmt: skip
def test_the_last_words_of_a_subject_are_those_that_name_its_fault(text: str, line: str) -> None:
    assert process.last_line(text) == line


def test_the_end_of_the_standard_error_comes_with_the_error() -> None:
    with pytest.raises(SubjectError) as caught:
        run(vectors(1), program("sys.stderr.write('first\\nlast\\n'); sys.exit(1)"))
    assert caught.value.stderr == "first\nlast\n"


def test_a_subject_that_cannot_be_started_again_fails_at_the_rest(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    once = f"if os.path.exists({str(mark)!r}): sys.exit(9)\nopen({str(mark)!r}, 'w').close()\n"
    made = run(vectors(4), program(once + toy_text(at_two("os._exit(1)"))))
    assert statuses(made) == "ppff"
    assert failures(made)["3"] == (
        "the subject could not be started again: the subject ended with the exit status 9 before its hello"
    )
    assert made.ending is None


def test_what_a_subject_lacks_is_skipped_and_not_asked_about() -> None:
    given = [
        vector("0"),
        vector("1", kind="score"),
        vector("2", features=("rerank",)),
        vector("3", features=("tags", "rerank", "known")),
        vector("4", features=("tags",)),
    ]
    made = run(given, toy(FINE, hello={"kinds": ["admission"], "features": ["tags"]}))
    assert failures(made) == {
        "1": "the subject does not answer the kind score",
        "2": "the subject has no feature rerank",
        "3": "the subject has no feature rerank, known",
    }
    assert statuses(made) == "psssp"
    assert made.passed


def test_a_subject_that_names_no_kinds_and_features_is_asked_about_all() -> None:
    assert statuses(run([vector("0", kind="score", features=("rerank",))], toy(FINE))) == "p"


def test_a_subject_may_skip_what_it_is_asked_but_not_all_of_it() -> None:
    made = run(vectors(2), toy("say({'id': id, 'skipped': 'not today'})"))
    assert statuses(made) == "ss"
    assert made.outcomes[0].message == "not today"
    assert not made.passed
    assert evolve(made, outcomes=(evolve(made.outcomes[0], status="pass"), made.outcomes[1])).passed


@pytest.mark.parametrize(("level", "status"), [("verdict", "pp"), ("first", "fp"), ("all", "ff"), (None, "fp")])
def test_refusals_are_compared_at_the_level_that_the_subject_declares(level: str | None, status: str) -> None:
    due = [{"code": "PIR0401", "pointer": "/1"}, {"code": "PIR0401", "pointer": "/2"}]
    given = [
        vector("0", expect={"refused": due}),
        vector("1", expect={"refused": [{"code": "PIR0402", "pointer": ""}, due[0]]}),
    ]
    said = {} if level is None else {"findings": level}
    made = run(given, toy("say({'id': id, 'refused': [{'code': 'PIR0402', 'pointer': ''}]})", hello=said))
    assert statuses(made) == status


# --- known failures -----------------------------------------------------------------------------------------


def test_a_known_failure_is_one_with_the_message_that_is_known() -> None:
    wrong = toy(at_two("say({'id': id, 'error': 'division by zero'})"))
    known = {"toy/2": "division by zero"}
    made = run(vectors(3), wrong, known=known)
    assert statuses(made) == "ppk"
    assert made.passed


def test_another_failure_than_the_known_one_fails() -> None:
    made = run(vectors(3), toy(at_two("os._exit(1)")), known={"toy/2": "division by zero"})
    assert statuses(made) == "ppf"
    assert failures(made)["2"] == (
        "the subject ended with the exit status 1; it is known to fail with: division by zero"
    )


def test_a_known_failure_that_passes_fails_the_run() -> None:
    made = run(vectors(2), toy(FINE), known={"toy/1": "division by zero"})
    assert statuses(made) == "pu"
    assert not made.passed


def test_a_known_failure_that_is_skipped_is_skipped() -> None:
    made = run([vector("0", kind="score")], toy(FINE, hello={"kinds": []}), known={"toy/0": "anything"})
    assert statuses(made) == "s"


def test_a_list_of_known_failures_is_toml_or_json(tmp_path: Path) -> None:
    toml, plain = tmp_path / "known.toml", tmp_path / "known.json"
    toml.write_text('"toy/1" = "because"\n')
    plain.write_text('{"toy/1": "because"}')
    assert dict(read_known(toml)) == dict(read_known(plain)) == {"toy/1": "because"}


@pytest.mark.parametrize("text", ["[]", '{"toy/1": 5}', "{", "[" * 100_000, '{"toy/1": "", "toy/1": "because"}'])
def test_a_list_of_known_failures_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"list|message|Expecting|nested|twice"):
        read_known(path)


def _interrupted_while_starting(reached: list[str]) -> None:
    with interrupts_held_back():
        signal.raise_signal(signal.SIGINT)
        reached.append("the end")


def test_an_interrupt_waits_until_what_is_being_started_can_be_ended() -> None:
    reached: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        _interrupted_while_starting(reached)
    assert reached == ["the end"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
