"""What commands do with streams, terminals, wrong usage and faults of our own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import command, fine

from policy_ir.cli import hashing

pytestmark = pytest.mark.usefixtures("folder")


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "policy_ir", *arguments], capture_output=True, timeout=60, check=False, **options
    )


# --- usage ---------------------------------------------------------------------------------------------------


def test_the_version_names_the_language() -> None:
    assert fine("--version").out.endswith("language policy-ir/1\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Usage: policy-ir"),
        (["hsh"], "Did you mean 'hash'?"),
        (["hash"], "Missing argument"),
        (["hash", "--fromat", "json", "x"], "No such option"),
        (["hash", "--format", "xml", "x"], "'xml' is not one of 'human', 'json'"),
        (["hash", "--as", "sha256", "x"], "'sha256' is not one of 'sigma-pol/v2'"),
        (["step", "small.policy", "--limit", "-1"], "--limit"),
        (["catalog"], "Usage: policy-ir catalog"),
        (["catalog", "shwo"], "Did you mean 'show'?"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_right(arguments: list[str], said: str) -> None:
    ended = command(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "Value error" not in ended.err


def test_a_file_may_begin_with_a_hyphen_after_two_hyphens(folder: Path) -> None:
    folder.joinpath("-odd.json").write_text('["top"]', "utf-8")
    assert fine("hash", "--", "-odd.json").out.startswith("blake3:")


def test_an_empty_file_name_is_refused() -> None:
    assert command("hash", "").code == 1


# --- inputs that are none ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [".", "/dev/null", "missing", "small.policy/inside", "a\0b", "x" * 5000])
@pytest.mark.parametrize("verb", ["hash", "validate", "fmt", "normalize", "decide", "explain", "step"])
def test_what_is_no_file_with_a_term_is_refused(verb: str, path: str) -> None:
    ended = command(verb, path)
    assert ended.code == 1
    assert "error[PIR000" in ended.err
    assert "Traceback" not in ended.err


def test_more_than_a_source_may_hold_is_refused() -> None:
    assert "PIR0004" in command("hash", "-", given=b" " * 300_000).err


def test_binary_input_is_refused() -> None:
    assert "PIR0002" in command("hash", "-", given=bytes(range(256))).err


def test_a_name_with_control_characters_is_shown_escaped() -> None:
    ended = command("hash", "no\x1b[31mfile")
    assert "\x1b" not in ended.err


# --- colours and widths --------------------------------------------------------------------------------------


def test_there_are_colours_on_a_terminal_only() -> None:
    assert "\x1b[" in command("decide", "small.policy", terminal=True).out
    assert "\x1b[" in command("explain", "small.policy", terminal=True).out
    assert "\x1b[" in command("validate", "wrong.policy", terminal=True).err
    assert "\x1b[" not in command("decide", "small.policy").out
    assert "\x1b[" not in command("validate", "wrong.policy").err


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_refused(environment: dict[str, str]) -> None:
    ended = command("explain", "small.policy", terminal=True, environment=environment)
    assert "\x1b[" not in ended.out + ended.err


def test_json_has_no_colours() -> None:
    assert "\x1b" not in command("decide", "small.policy", "--format", "json", terminal=True).out


@pytest.mark.parametrize("columns", ["0", "wide", "-5", "99999999", ""])
def test_an_odd_width_is_no_width(columns: str) -> None:
    ended = command("decide", "small.policy", columns=None, environment={"COLUMNS": columns})
    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= 100


def test_no_line_ends_with_a_blank() -> None:
    for verb in ("decide", "explain", "demo", "fields"):
        out = fine(verb, *([] if verb in ("demo", "fields") else ["small.policy"])).out
        assert [line for line in out.splitlines() if line != line.rstrip()] == []


# --- real processes ------------------------------------------------------------------------------------------


def test_the_module_and_the_script_are_the_command() -> None:
    ended = process("hash", "-", stdin=open("pred.json", "rb"))  # noqa: SIM115
    assert ended.returncode == 0
    assert ended.stdout == b"blake3:16c42eb1c8b86251a83230799ba04925ca80ed40f127401cb8bc5108b8bba982\n"


def test_hashing_imports_neither_typer_nor_rich_nor_lark() -> None:
    program = (
        "import sys; from policy_ir.cli import run; code = run(['hash', 'pred.json']);"
        "print(code, sorted({'typer', 'rich', 'lark', 'json', 'pydantic'} & set(sys.modules)), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=True)
    assert ended.stderr.decode().strip() == "0 []"


def test_output_is_utf8_whatever_the_locale() -> None:
    given = '["family_eq", "pêche 桃"]'.encode()
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    ended = process("fmt", "-", input=given, env=environment)
    assert ended.stdout == given + b"\n"


@pytest.mark.parametrize("arguments", [["fields"], ["schema"], ["--help"], ["demo", "--format", "json"]])
def test_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    started = subprocess.Popen(
        [sys.executable, "-m", "policy_ir", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert started.stdout is not None
    assert started.stderr is not None
    started.stdout.close()
    said = started.stderr.read()
    started.stderr.close()
    assert said == b""
    assert started.wait(60) == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no device that is always full")
@pytest.mark.parametrize("arguments", [["hash", "pred.json"], ["fields"], ["--help"]])
def test_a_full_disk_is_said_to_be_one(arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "policy_ir", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 2
    assert ended.stderr == b"error: the output cannot be written: no space left on device\n"


def test_a_closed_standard_input_is_refused() -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", f"exec '{sys.executable}' -m policy_ir hash - <&-"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert b"PIR0001" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "closed", "code"),
    [
        ("hash small.policy", ">&-", 0),
        ("decide small.policy", ">&-", 0),
        ("hash small.policy --format json", ">&- 2>&-", 0),
        ("hash missing", "2>&-", 1),
        ("hash --fromat", "2>&-", 2),
    ],
)
def test_closed_outputs_change_no_exit_code(arguments: str, closed: str, code: int) -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", f"exec '{sys.executable}' -m policy_ir {arguments} {closed}"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == code
    assert b"internal error" not in ended.stderr


def test_an_interrupted_command_ends_with_130_and_says_nothing() -> None:
    started = subprocess.Popen(
        [sys.executable, "-m", "policy_ir", "hash", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert started.stdin is not None
    _wait_until_it_reads(started.pid)
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert (started.returncode, out, err) == (130, b"", b"")


def _wait_until_it_reads(pid: int) -> None:
    """Until the process sleeps in a read of its standard input; where that cannot be seen, for a second."""
    import time

    for _ in range(600):
        time.sleep(0.02)
        try:
            if "pipe" in Path(f"/proc/{pid}/wchan").read_text("ascii"):
                return
        except OSError:
            time.sleep(1)
            return


# --- faults of our own ---------------------------------------------------------------------------------------


def _broken(*_: object, **__: object) -> Any:
    raise ZeroDivisionError("the  fault\nitself")


@pytest.mark.parametrize("arguments", [["hash", "pred.json"], ["hash", "--vocabulary", "standard", "pred.json"]])
def test_a_fault_of_ours_ends_with_4_and_asks_for_a_report(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "_identity", _broken)
    ended = command(*arguments)
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("internal error: ZeroDivisionError: the fault itself\n")
    assert "Please report it" in ended.err
    assert "Traceback" not in ended.err
    with pytest.raises(ZeroDivisionError):
        command(*arguments, environment={"POLICY_IR_TRACEBACK": "1"})
