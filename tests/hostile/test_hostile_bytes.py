"""Whatever the strict reader is given, it is the canonical bytes of a term or it is refused."""

from __future__ import annotations

import random

import pytest
from outcomes import codes_of, refusal

from policy_ir.canonical import decode, read_term, term_bytes
from policy_ir.normal_form import normal_form
from policy_ir.syntax.loader import load

POLICY = [
    "policy",
    [
        "and",
        ["meets_req"],
        ["not", ["is", "disabled"]],
        ["cmp", "price_out", "le", 0.1],
        ["tag_in", "region", ["eu", "us"]],
    ],
    ["add", ["neg", ["normalize", ["field", "price_out"]]], ["scale", 1e100, ["field", "context"]]],
    ["top_k", 3, ["chain", [{"provider": "a", "model": "b"}]]],
    ["seq", ["set_param", "temperature", 0.5], ["filter_text", [{"trim": 70000}]]],
    ["override", ["always", {"action": "next_candidate"}], "timeout", {"action": "abort", "backoff_ms": [1, 500]}],
]
BYTES = term_bytes(normal_form(load(POLICY)))

HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "a million open arrays": b"\x81" * 10**6,
    "a million open arrays of no end": b"\x9f" * 10**6,
    "a million open maps": b"\xa1\x61a" * 10**6,
    "a million tags": b"\xc1" * 10**6,
    "an array that says it has 2^64 - 1 items": b"\x9b" + b"\xff" * 8,
    "an array that says it has 2^32 items": b"\x9b\x00\x00\x00\x01\x00\x00\x00\x00\x80",
    "a text that says it has 2^64 - 1 bytes": b"\x7b" + b"\xff" * 8 + b"x",
    "a text that says it has 4 GiB": b"\x7a\xff\xff\xff\xff" + b"x" * 100,
    "bytes that say they are 4 GiB": b"\x5a\xff\xff\xff\xff",
    "a map that says it has 2^63 pairs": b"\xbb\x80" + b"\x00" * 7,
    "a break outside": b"\xff",
    "a reserved head": b"\x1c",
    "a reserved simple value": b"\xf8\x18",
    "null": b"\xf6",
    "undefined": b"\xf7",
    "NaN": b"\xf9\x7e\x00",
    "infinity": b"\xf9\x7c\x00",
    "minus zero": b"\xf9\x80\x00",
    "a date": b"\xc1\x1a\x51\x4b\x67\xb0",
    "a big integer": b"\xc2\x49\x01" + b"\x00" * 8,
    "a big integer of a megabyte": b"\xc2\x5a\x00\x10\x00\x00" + b"\xff" * 2**20,
    "a pattern": b"\xd8\x23\x68(a+)+$bb",
    "a shared reference": b"\xd8\x1c\x81\xd8\x1d\x00",
    "an integer over 2^53": b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
    "an integer under -2^53": b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
    "text that is no UTF-8": b"\x62\xc3\x28",
    "text with a surrogate": b"\x63\xed\xa0\x80",
    "two items": b"\x01\x01",
    "a JSON text": b'["policy-ir/1",["top"]]',
    "the tag alone": b"\x81\x6bpolicy-ir/1",
    "another tag": b"\x82\x6cvocabulary/1\x81\x63top",
    "another version": b"\x82\x6bpolicy-ir/2\x81\x63top",
    "a term with another element": b"\x83\x6bpolicy-ir/1\x81\x63top\x01",
    "an unknown operation": b"\x82\x6bpolicy-ir/1\x81\x63tip",
    "an operation of another arity": b"\x82\x6bpolicy-ir/1\x82\x63top\x01",
    "a conjunction of one": b"\x82\x6bpolicy-ir/1\x82\x63and\x81\x63bot",
    "the tag in two pieces": b"\x82\x7f\x66policy\x65-ir/1\xff\x81\x63top",
    "a tag with a long head": b"\x82\x78\x0bpolicy-ir/1\x81\x63top",
    "random bytes": random.Random(7).randbytes(100_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_refused(name: str) -> None:
    found = refusal(lambda: read_term(HOSTILE[name]))
    assert all(one.code.code.startswith(("PIR08", "PIR02", "PIR03")) for one in found), found


@pytest.mark.parametrize("name", HOSTILE)
def test_the_item_reader_refuses_them_or_reads_an_item(name: str) -> None:
    try:
        decode(HOSTILE[name])
    except Exception:
        assert refusal(lambda: decode(HOSTILE[name]))


def test_the_canonical_bytes_are_read_back() -> None:
    assert term_bytes(read_term(BYTES)) == BYTES


@pytest.mark.parametrize("cut", range(len(BYTES)))
def test_every_beginning_of_canonical_bytes_is_refused(cut: int) -> None:
    assert codes_of(lambda: read_term(BYTES[:cut])) == {"PIR0801"}


@pytest.mark.parametrize("more", [b"\x00", b"\xff", b"\xf6", BYTES], ids=["zero", "break", "null", "again"])
def test_bytes_after_the_term_are_refused(more: bytes) -> None:
    assert codes_of(lambda: read_term(BYTES + more)) == {"PIR0804"}


def test_whatever_byte_is_changed_the_term_changes_or_is_refused() -> None:
    for place in range(len(BYTES)):
        for flip in (0x01, 0x20, 0x80, 0xFF):
            changed = BYTES[:place] + bytes([BYTES[place] ^ flip]) + BYTES[place + 1 :]
            try:
                term = read_term(changed)
            except Exception:
                assert refusal(lambda changed=changed: read_term(changed))
            else:
                assert term_bytes(term) == changed
