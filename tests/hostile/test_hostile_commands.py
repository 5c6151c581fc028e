"""The command line on hostile input: exit code 1 and a diagnostic, within a second or two and half a gigabyte."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_texts import TEXTS

MEMORY = 1024 * 1024 * 1024
SECONDS = 30

SAMPLE = (
    "as many opening brackets as fit",
    "a well-sorted term as deep as fits",
    "an integer of 100,000 digits",
    "NaN",
    "a key twice",
    "a lone high surrogate",
    "a term with null",
    "a string of 200 KB",
    "20,000 unknown operations",
    "not not not",
    "parentheses",
    "ten megabytes",
    "random bytes",
    "terminal codes as an operation",
    "nothing",
)


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(*arguments: str, given: bytes | None = None, locale: str = "C") -> subprocess.CompletedProcess[bytes]:
    ended = subprocess.run(
        [sys.executable, "-m", "policy_ir", *arguments],
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        capture_output=True,
        timeout=SECONDS,
        preexec_fn=_limits,
        env={**os.environ, "LC_ALL": locale, "PYTHONWARNINGS": "error::ResourceWarning"},
    )
    assert b"Traceback" not in ended.stderr + ended.stdout, ended.stderr[-2000:]
    assert b"internal error" not in ended.stderr, ended.stderr[-2000:]
    assert b"\x1b" not in ended.stderr + ended.stdout
    return ended


def refused(*arguments: str, given: bytes | None = None) -> str:
    ended = run(*arguments, given=given)
    message = ended.stderr.decode("utf-8")
    assert (ended.returncode, ended.stdout) == (1, b""), message
    assert "PIR0" in message
    return message


@pytest.mark.parametrize("name", SAMPLE)
def test_a_hostile_file_is_refused_with_a_diagnostic(name: str, tmp_path: Path) -> None:
    file = tmp_path / "hostile"
    file.write_bytes(TEXTS[name])
    refused("hash", str(file))


@pytest.mark.parametrize("verb", ["validate", "fmt", "normalize", "decide", "explain", "step", "bench"])
def test_every_verb_refuses_it(verb: str) -> None:
    refused(verb, "-", given=TEXTS["as many opening brackets as fit"])


def directory(folder: Path) -> str:
    return str(folder)


def missing(folder: Path) -> str:
    return str(folder / "missing")


def below_a_file(folder: Path) -> str:
    (folder / "file").write_text("x")
    return str(folder / "file" / "x")


def link_to_itself(folder: Path) -> str:
    (folder / "loop").symlink_to("loop")
    return str(folder / "loop")


def dangling_link(folder: Path) -> str:
    (folder / "link").symlink_to("nowhere")
    return str(folder / "link")


def long_name(folder: Path) -> str:
    return str(folder / ("x" * 5000))


def odd_name(folder: Path) -> str:
    return str(folder / "\x1b[31m\n\u202e")


def endless_file(_: Path) -> str:
    return "/dev/zero"


def random_file(_: Path) -> str:
    return "/dev/urandom"


def empty_file(_: Path) -> str:
    return "/dev/null"


@pytest.mark.parametrize(
    "make",
    [
        *(directory, missing, below_a_file, link_to_itself, dangling_link, long_name, odd_name),
        *(endless_file, random_file, empty_file),
    ],
    ids=lambda make: make.__name__,
)
def test_a_path_that_is_no_policy_is_refused(make: Callable[[Path], str], tmp_path: Path) -> None:
    refused("hash", make(tmp_path))


def test_a_pipe_is_read_as_a_file_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b'["top"]',))
    writer.start()
    ended = run("hash", str(pipe))
    writer.join()
    assert ended.returncode == 0
    assert b"blake3:" in ended.stdout


@pytest.mark.parametrize("option", ["--catalog", "--vocabulary", "--floor", "--facts", "--chat"])
def test_every_option_that_names_a_file_refuses_a_hostile_one(option: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('["policy",["top"],["zero"],["argmax"],["id"],["always",{"action":"abort"}]]')
    hostile = tmp_path / "hostile.json"
    mark = "@" if option in ("--facts", "--chat") else ""
    for data in (b"[" * 200_000, b"\x00\xff" * 1000, b'{"a":NaN}', b"null", b""):
        hostile.write_bytes(data)
        message = refused("decide", str(policy), option, f"{mark}{hostile}")
        assert "hostile.json" in message or option.removeprefix("--") in message


def test_diagnostics_as_json_are_json_whatever_the_input() -> None:
    for name in ("terminal codes as an operation", "a lone high surrogate", "Latin-1", "null bytes"):
        ended = run("validate", "-", "--format", "json", given=TEXTS[name])
        assert (ended.returncode, ended.stderr) == (1, b"")
        (file,) = json.loads(ended.stdout.decode("utf-8"))["files"]
        assert file["diagnostics"]
