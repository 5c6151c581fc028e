"""Sources are read within bounds, decoded strictly, and taken for the syntax that they are written in."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.syntax import fmt, parse
from policy_ir.syntax.json_reader import read_json
from policy_ir.syntax.source import check_text, decode, read_source, read_text
from policy_ir.terms import MeetsReq


def the_one(read: Any, *arguments: Any, **options: Any) -> Diagnostic:
    with pytest.raises(Refused) as refused:
        read(*arguments, **options)
    [found] = refused.value.diagnostics
    return found


def test_a_file_is_read_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "é.json"
    path.write_bytes('["is", "é"]\r\n'.encode())
    assert read_source(path) == (str(path), path.read_bytes())
    assert read_text(path) == (str(path), '["is", "é"]\r\n')


def standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> io.TextIOWrapper:
    stream = io.TextIOWrapper(io.BytesIO(data))
    monkeypatch.setattr(sys, "stdin", stream)
    return stream


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, b'["top"]')
    assert read_source("-") == ("-", b'["top"]')


def test_standard_input_that_is_closed_or_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, b"").close()
    assert the_one(read_source, "-").message == "standard input cannot be read: it is closed"
    monkeypatch.setattr(sys, "stdin", None)
    assert the_one(read_source, "-").message == "standard input cannot be read: there is none"


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    file, loop = tmp_path / "file", tmp_path / "loop"
    file.write_text("x")
    loop.symlink_to(loop)
    reasons = {
        tmp_path / "absent": "there is no such file",
        tmp_path: "it is a directory",
        file / "inside": "a part of its path is not a directory",
        tmp_path / ("x" * 300): "its name is too long",
        loop: "its links lead in a circle",
    }
    for path, reason in reasons.items():
        found = the_one(read_source, path)
        assert found.code.code == "PIR0001"
        assert found.message.endswith(f"cannot be read: {reason}")
        assert found.source == str(path)
    assert the_one(read_source, "a\0b").message == r"`a\x00b` cannot be read: its name holds a null character"


def test_a_reason_without_words_of_its_own_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("builtins.open", refuse)
    assert the_one(read_source, "x").message == "`x` cannot be read: the system reports EIO"


def test_permission_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert the_one(read_source, "x").message == "`x` cannot be read: permission is denied"


def test_a_name_that_is_not_text_can_be_printed(tmp_path: Path) -> None:
    found = the_one(read_source, os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    assert found.source is not None
    assert found.source.encode().endswith("/\ufffd".encode())


def test_an_endless_file_ends_at_the_bound() -> None:
    name, data = read_source("/dev/zero", limit=1000)
    assert len(data) == 1001
    assert the_one(decode, data, name, limit=1000).code.code == "PIR0004"


def test_a_pipe_is_read_within_the_bound(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with open(pipe, "wb") as file:
            try:
                while True:
                    file.write(b" " * 65536)
                    file.flush()
            except BrokenPipeError:
                pass

    writer = threading.Thread(target=write)
    writer.start()
    assert len(read_source(pipe)[1]) == 256 * 1024 + 1
    writer.join(10)
    assert not writer.is_alive()


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (b'["is", "\xe9"]', "PIR0002", "byte 8 (line 1) is not UTF-8"),
        (b"[\n\n\xff", "PIR0002", "byte 3 (line 3) is not UTF-8"),
        (b'["\xc3', "PIR0002", "byte 2 (line 1) is not UTF-8"),
        (b'["\xed\xa0\x80"]', "PIR0002", "byte 2 (line 1) is not UTF-8"),
        (b"\xc0\xaf", "PIR0002", "byte 0 (line 1) is not UTF-8"),
        ("[1]".encode("utf-16"), "PIR0002", "the text is in UTF-16, not UTF-8"),
        ('["é"]'.encode("utf-16-le"), "PIR0002", "the text is in UTF-16, not UTF-8"),
        ('["é"]'.encode("utf-16-be"), "PIR0002", "the text is in UTF-16, not UTF-8"),
        (b'\xef\xbb\xbf["top"]', "PIR0003", "the text starts with a byte-order mark"),
        (b"\xef\xbb\xbf", "PIR0003", "the text starts with a byte-order mark"),
        (b" " * (256 * 1024 + 1), "PIR0004", "the source is larger than 262144 bytes"),
        (b"\xff" * (256 * 1024 + 1), "PIR0004", "the source is larger than 262144 bytes"),
        (b"", "PIR0005", "the text is empty"),
        (b" \r\n\t", "PIR0005", "the text is empty"),
    ],
    ids=lambda part: repr(part)[:20],
)
def test_bytes_that_are_no_source_are_refused(data: bytes, code: str, message: str) -> None:
    found = the_one(decode, data, "house.json")
    assert (found.code.code, found.message, found.source) == (code, message, "house.json")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_text_in_another_encoding_may_be_well_formed_utf_8(encoding: str) -> None:
    with pytest.raises(Refused) as refused:
        read_json(decode("[ ]".encode(encoding)))
    found = refused.value.diagnostics[0]
    assert (found.code.code, found.help) == ("PIR0101", "if the text is in UTF-16, save the file as UTF-8")


def test_a_source_may_have_as_many_bytes_as_the_bound() -> None:
    text = '"' + "é" * (128 * 1024 - 1) + '"'
    assert decode(text.encode()) == text
    check_text(text)
    assert the_one(check_text, text + " ").code.code == "PIR0004"


def test_a_text_with_lone_surrogates_is_refused_where_they_stand() -> None:
    text = '["is", "' + "\ud800" * 20_000 + '"]'
    check_text(text)
    with pytest.raises(Refused) as refused:
        parse(text)
    assert {found.code.code for found in refused.value.diagnostics} == {"PIR0113"}


def test_a_text_that_starts_like_json_is_in_the_wire_syntax() -> None:
    assert parse('["top"]').syntax == parse(' \n["top"]').syntax == "wire"
    assert the_one(parse, '{"policy": 1}').code.code == "PIR0201"
    assert the_one(parse, '"top"').code.code == "PIR0201"


def test_a_syntax_can_be_asked_for() -> None:
    assert the_one(parse, "true", syntax="wire").code.code == "PIR0201"


def test_what_is_refused_in_any_syntax_is_refused_before_one_is_chosen() -> None:
    assert the_one(parse, "\ufeff[]").code.code == "PIR0003"
    assert the_one(parse, "").code.code == "PIR0005"


def test_any_other_text_is_in_the_authoring_syntax() -> None:
    document = parse("filter meets_req", sort="Pred", name="house.policy")
    assert (document.syntax, document.name, document.term) == ("authoring", "house.policy", MeetsReq())
    assert parse("filter meets_req", syntax="authoring").term == MeetsReq()


def test_a_document_is_printed_in_either_syntax() -> None:
    document = parse("filter  meets_req # all of it")
    assert fmt(document) == fmt(parse('["meets_req"]')) == '["meets_req"]\n'
    assert fmt(document, "authoring") == "filter meets_req  # all of it\n"
    assert fmt(MeetsReq(), "authoring") == "filter meets_req\n"
