"""Sources that no policy is, by name: what people and programs send by mistake or on purpose."""

from __future__ import annotations

import random

K = 1024
MILLION = 10**6
DIGITS = 10**5


def _binary(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


NESTING: dict[str, bytes] = {
    "a million opening brackets": b"[" * MILLION,
    "as many opening brackets as fit": b"[" * 256 * K,
    "balanced brackets as deep as fit": b"[" * 128 * K + b"]" * 128 * K,
    "records within records": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "records within lists": b'[{"a":' * 30_000,
    "a well-sorted term a thousand deep": b'["not",' * 1000 + b'["top"]' + b"]" * 1000,
    "a well-sorted term as deep as fits": b'["neg",' * 30_000 + b'["zero"]' + b"]" * 30_000,
    "closing brackets only": b"]" * 100_000,
    "opening brackets, spaced": b"[ " * 100_000,
    "one opening bracket on each line": b"[\n" * 100_000,
    "parentheses": b"policy { filter " + b"(" * 200_000,
    "balanced parentheses": b"policy { filter " + b"(" * 100_000 + b"top" + b")" * 100_000 + b" }",
    "not not not": b"policy { filter " + b"not " * 60_000 + b"top }",
    "minus signs": b"policy { rank " + b"-" * 200_000 + b"1 }",
    "calls within calls": b"policy { rank " + b"neg(" * 60_000,
    "braces": b"policy {" * 30_000,
    "sums without end": b"policy { filter top rank " + b"1 + " * 60_000 + b"1 select argmax mutate id fallback abort }",
    "conjunctions without end": b"policy { filter " + b"top and " * 30_000 + b"top }",
}

NUMBERS: dict[str, bytes] = {
    "an integer of 100,000 digits": b'["lit",' + b"9" * DIGITS + b"]",
    "a fraction that underflows after 100,000 zeros": b'["lit",0.' + b"0" * DIGITS + b"1]",
    "an exponent of 100,000 digits": b'["lit",1e' + b"9" * DIGITS + b"]",
    "a negative exponent of 100,000 digits": b'["lit",1e-' + b"9" * DIGITS + b"]",
    "a number over the greatest": b'["lit",1.8e308]',
    "a number under the least": b'["lit",2e-324]',
    "NaN": b'["lit",NaN]',
    "Infinity": b'["lit",Infinity]',
    "minus Infinity": b'["lit",-Infinity]',
    "nan in text": b"policy { filter top rank nan select argmax mutate id fallback abort }",
    "hexadecimal": b'["lit",0x10]',
    "a leading zero": b'["lit",01]',
    "a leading plus": b'["lit",+1]',
    "no digit before the point": b'["lit",.5]',
    "no digit after the point": b'["lit",1.]',
    "two signs": b'["lit",--1]',
    "a sign alone": b'["lit",-]',
    "no digit after the exponent": b'["lit",1e]',
    "digits of another script": '["lit",１２]'.encode(),
    "grouped digits on the wire": b'["lit",1_000]',
    "an integer of 100,000 digits in text": b"policy { filter context >= " + b"9" * DIGITS + b" }",
}

STRINGS: dict[str, bytes] = {
    "a lone high surrogate": rb'["has_cap","\ud800"]',
    "a lone low surrogate": rb'["has_cap","\udc00"]',
    "surrogates the wrong way round": rb'["has_cap","\udc00\ud800"]',
    "a surrogate in a key": rb'["always",{"action":"abort","\ud800":1}]',
    "an unterminated string": b'["has_cap","x',
    "an unterminated string of 200 KB": b'["has_cap","' + b"x" * 200_000,
    "an unfinished escape": b'["has_cap","\\',
    "an unknown escape": rb'["has_cap","\x41"]',
    "an unfinished unicode escape": rb'["has_cap","\u12"]',
    "a newline in a string": b'["has_cap","a\nb"]',
    "a null character in a string": b'["has_cap","a\x00b"]',
    "a control character in a string": b'["has_cap","a\x1b[31mb"]',
    "a string of 200 KB": b'["has_cap","' + b"x" * 200_000 + b'"]',
    "a string of 200 KB of escapes": b'["has_cap","' + rb"\u0041" * 30_000 + b'"]',
    "an operation of 200 KB": b'["' + b"a" * 200_000 + b'"]',
    "a key of 200 KB": b'["always",{"action":"abort","' + b"k" * 200_000 + b'":1}]',
    "a field of 257 bytes": b'["is","' + "é".encode() * 128 + b'x"]',
    "single quotes": b"['top']",
    "terminal codes as an operation": rb'["\u001b[2J\u001b[31mtop"]',
    "text that runs right to left as an operation": '["‮top"]'.encode(),
    "an unterminated string in text": b'policy { filter has_cap("x }',
}

BYTES: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \n\t\r\n ",
    "256 KiB of blanks": b" " * 256 * K,
    "one byte over 256 KiB": b" " * 256 * K + b"1",
    "ten megabytes": b"x" * 10 * MILLION,
    "a byte-order mark": b'\xef\xbb\xbf["top"]',
    "UTF-16, little end first": '["top"]'.encode("utf-16"),
    "UTF-16 without a mark": '["top"]'.encode("utf-16-be"),
    "UTF-32": '["top"]'.encode("utf-32"),
    "Latin-1": '["has_cap","é"]'.encode("latin-1"),
    "truncated UTF-8": '["has_cap","é'.encode()[:-1],
    "a surrogate in UTF-8": b'["has_cap","\xed\xa0\x80"]',
    "an overlong slash": b'["has_cap","\xc0\xaf"]',
    "beyond Unicode": b'["has_cap","\xf4\x90\x80\x80"]',
    "null bytes": b"\0" * 1000,
    "a null byte after the term": b'["top"]\0',
    "random bytes": _binary(1, 10_000),
    "an archive": b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + _binary(2, 2000),
    "a compressed file": b"\x1f\x8b\x08\x00" + _binary(3, 2000),
    "a pickle": b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x94\x8c\x04exec\x94\x93\x94.",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + _binary(4, 500),
    "canonical bytes where a text is due": b"\x82\x6bpolicy-ir/1\x81\x63top",
    "a web page": b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
    "YAML": b"filter:\n  - top\nrank: zero\n",
    "a shell script": b"#!/bin/sh\nrm -rf /tmp/nothing\n",
}

JSON: dict[str, bytes] = {
    "null": b"null",
    "a term with null": b'["and",["top"],null]',
    "a boolean where a number is due": b'["lit",true]',
    "a number": b"1",
    "a string": b'"top"',
    "an empty list": b"[]",
    "an empty record": b"{}",
    "two terms": b'["top"]["bot"]',
    "text after the term": b'["top"] and more',
    "a comma at the end": b'["and",["top"],]',
    "no comma": b'["and" ["top"]]',
    "only commas": b"[" + b"," * 100_000 + b"]",
    "only colons": b"{" + b":" * 100_000 + b"}",
    "comments": b'["top"] // yes',
    "the wrong closing bracket": b'["top"}',
    "a key twice": b'["always",{"action":"abort","action":"abort"}]',
    "a key twice, spelt differently": rb'["always",{"action":"abort","\u0061ction":"abort"}]',
    "20,000 keys": b'["always",{' + b",".join(b'"k%d":1' % n for n in range(20_000)) + b"}]",
    "the same key 20,000 times": b'["always",{' + b",".join([b'"k":1'] * 20_000) + b"}]",
    "a key without a value": b'["always",{"action"}]',
    "a key that is no string": b'["always",{1:2}]',
    "30,000 conjuncts": b'["and",' + b",".join([b'["top"]'] * 30_000) + b"]",
    "4,097 nodes": b'["and",' + b",".join([b'["top"]'] * 4096) + b"]",
    "60,000 arguments that are no terms": b'["and",' + b",".join([b"1"] * 60_000) + b"]",
    "20,000 unknown operations": b'["and",' + b",".join(b'["o%d"]' % n for n in range(20_000)) + b"]",
    "10,000 near misses": b'["and",' + b",".join([b'["is","disabld"]', b'["met_req"]'] * 5_000) + b"]",
    "65 names": b'["tag_in","region",[' + b",".join(b'"r%d"' % n for n in range(65)) + b"]]",
    "50,000 names": b'["tag_in","region",[' + b",".join([b'"r"'] * 50_000) + b"]]",
    "50,000 lines of nonsense": b"?\n" * 50_000,
    "a capital operation": b'["Top"]',
    "a policy as a record": b'{"filter":["top"]}',
}

FUZZED: dict[str, bytes] = {
    "a bracket after a place that was mended": b'fall on:on("");(',
    "an attribute before the word of an operation": b"policy { filter tier chain }",
    "an operator where a value is due": b"policy { filter tier = not bot }",
    "an attribute before its value": b'policy { filter provider "openai" }',
}
"""What fuzzing found; each once ended in another exception than a refusal, or in a hundred findings for one slip."""

TEXTS: dict[str, bytes] = NESTING | NUMBERS | STRINGS | BYTES | JSON | FUZZED
