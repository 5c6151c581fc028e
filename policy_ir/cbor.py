"""Deterministic CBOR (RFC 8949, section 4.2.1) of the values of the language: one value, one encoding.

`encode_reference` says what the bytes are, `encode` makes the same bytes fast, `decode` accepts those bytes and no
others. Values are strings, booleans, numbers (binary64; integers within ±(2^53 - 1) stand for the same number), lists
and tuples, and dicts with string keys. Specification: chapter "Encoding".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from math import isfinite, isinf, isnan
from typing import Any, Final, TypeAlias

import attrs
import cbor2

from policy_ir.diagnostics import Refused, codes, quoted
from policy_ir.diagnostics.codes import Code

SAFE: Final = 2**53 - 1
"""The greatest magnitude of a number that is encoded as an integer."""

NESTING: Final = 128
"""How deep lists and maps may nest in any value; terms have their own, lower bound."""

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)

Decoded: TypeAlias = "str | bool | float | list[Decoded] | dict[str, Decoded]"
"""What `decode` gives: numbers are binary64, maps are in the order of their encoding."""

# --- encoding, to be read ------------------------------------------------------------------------------------


def head(major: int, argument: int) -> bytes:
    """The shortest head of an item: its major type (0..7) and its argument (`encode/head`)."""
    if argument < 24:
        return bytes([major << 5 | argument])
    for information, size in ((24, 1), (25, 2), (26, 4)):
        if argument < 1 << (8 * size):
            return bytes([major << 5 | information]) + argument.to_bytes(size, "big")
    return bytes([major << 5 | 27]) + argument.to_bytes(8, "big")


def encode_reference(value: object, *, scores: bool = False) -> bytes:
    """The bytes of a value, by the definition; `encode` gives the same. Recurses, so only for shallow values.

    `encode/boolean`, `encode/text`, `encode/list`, `encode/map`; numbers below. Raises like `encode`.
    """
    match value:
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int() | float():
            return _number(value, scores)
        case str():
            text = value.encode("utf-8")
            return head(TEXT, len(text)) + text
        case list() | tuple():
            return head(ARRAY, len(value)) + b"".join(encode_reference(entry, scores=scores) for entry in value)
        case dict():
            entries = [
                (encode_reference(_key(key)), encode_reference(entry, scores=scores)) for key, entry in value.items()
            ]
            return head(MAP, len(entries)) + b"".join(key + entry for key, entry in sorted(entries))
        case _:
            raise _not_a_value(value)


def _number(number: float, scores: bool) -> bytes:
    """`encode/integer`, `encode/zero`, `encode/float`, `encode/score`."""
    number = _checked(number, scores)
    if isnan(number):
        return b"\xf9\x7e\x00"
    if number.is_integer() and abs(number) <= SAFE:
        integer = int(number)
        return head(UNSIGNED, integer) if integer >= 0 else head(NEGATIVE, -1 - integer)
    for width, initial in ((">e", b"\xf9"), (">f", b"\xfa")):
        try:
            short = struct.pack(width, number)
        except OverflowError:
            continue
        if struct.unpack(width, short)[0] == number:
            return initial + short
    return b"\xfb" + struct.pack(">d", number)


def _checked(number: float, scores: bool) -> float:
    """The number as a binary64, if the language has it: finite, or any score."""
    if isinstance(number, int) and abs(number) > SAFE:
        raise ValueError("an integer outside ±(2^53 - 1); say which binary64 is meant")
    if not scores and not isfinite(number):
        raise _not_finite()
    return float(number)


def _not_finite() -> ValueError:
    return ValueError("infinities and undefined are scores, and no other numbers of the language")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise _not_a_value(key)
    return key


def _not_a_value(value: object) -> TypeError:
    return TypeError(f"{quoted(value)} is not a value of the language")


# --- encoding, fast ------------------------------------------------------------------------------------------


def encode(value: object, *, scores: bool = False) -> bytes:
    """The bytes of a value.

    With `scores`, numbers may also be the infinities, and NaN stands for *undefined*. Raises TypeError for what is no
    value of the language, and ValueError for a number that it does not have, a lone surrogate, or more than
    `NESTING` levels of lists and maps (which a value that contains itself has).
    """
    return cbor2.dumps(_reduced(value, scores, 0), canonical=True)


def _reduced(value: object, scores: bool, level: int) -> Any:
    """The value in terms that cbor2's canonical mode encodes as this language does: integral numbers as integers.

    That mode finds the shortest float and orders keys by length, then bytewise, which for text keys is the order of
    their encodings; it would keep 5.0 and -0.0 as floats, and encode much that is no value.
    """
    match value:
        case str() | bool():
            return value
        case int() | float():
            number = _checked(value, scores)
            return int(number) if abs(number) <= SAFE and number.is_integer() else number
        case list() | tuple():
            _nested(level)
            return [_reduced(entry, scores, level + 1) for entry in value]
        case dict():
            _nested(level)
            return {_key(key): _reduced(entry, scores, level + 1) for key, entry in value.items()}
        case _:
            raise _not_a_value(value)


def _nested(level: int) -> None:
    if level >= NESTING:
        raise ValueError(f"lists and maps nested deeper than {NESTING} levels")


# --- encoding, one item that is known to be a value ---------------------------------------------------------------


def encode_number(number: float) -> bytes:
    """The bytes of a finite binary64."""
    return cbor2.dumps(int(number) if number.is_integer() and abs(number) <= SAFE else number, canonical=True)


encode_text: Callable[[str], bytes] = cbor2.dumps
"""The bytes of a text. Raises ValueError for a lone surrogate."""


# --- encoding, a whole column at once -------------------------------------------------------------------------
#
# Lists of one kind of value, in a few passes over all of them: the bytes are those of `encode`.

_AS_BOOLEANS = bytes([0xF4, 0xF5]) + bytes(range(2, 256))


def encode_numbers(numbers: Iterable[float]) -> bytes:
    """The bytes of a list of binary64. Raises ValueError like `encode`."""
    listed = list(numbers)
    if not all(map(isfinite, listed)):
        raise _not_finite()
    reduced = [int(number) if number.is_integer() and abs(number) <= SAFE else number for number in listed]
    return cbor2.dumps(reduced, canonical=True)


def encode_flags(flags: bytes) -> bytes:
    """The bytes of a list of booleans, each given as a byte of 0 or 1."""
    return head(ARRAY, len(flags)) + flags.translate(_AS_BOOLEANS)


def encode_texts(texts: Iterable[str | tuple[str, ...]]) -> bytes:
    """The bytes of a list of texts, or of tuples of texts. Raises ValueError for a lone surrogate."""
    return cbor2.dumps(list(texts), canonical=True)


# --- decoding ------------------------------------------------------------------------------------------------


def decode(data: bytes, *, scores: bool = False, nesting: int = NESTING) -> Decoded:
    """The value whose encoding is `data`, and nothing else is accepted: `encode(decode(data)) == data`.

    Reads without recursion, in time and memory linear in the input whatever lengths it claims. With `scores`, the
    infinities and undefined (as NaN) are numbers too. Raises `Refused` with one diagnostic, whose message gives the
    byte offset: `PIR0801` malformed or truncated (`decode/malformed`), `PIR0802` not canonical (`decode/canonical`),
    `PIR0803` an item that the language does not have (`decode/forbidden`), `PIR0804` trailing bytes
    (`decode/trailing`), `PIR0310` more than `nesting` levels (`decode/nesting`).
    """
    reader = _Reader(data, scores)
    root: list[Decoded] = []
    stack = [_Open(root, 1)]
    while stack:
        inside = stack[-1]
        if not inside.left:
            stack.pop()
            continue
        inside.left -= 1
        if isinstance(inside.value, dict):
            inside.key, inside.key_bytes = reader.key(inside.key_bytes)
        start = reader.at
        item = reader.item()
        if isinstance(item, _Open):
            if len(stack) > nesting:
                raise _refused(codes.NESTED_TOO_DEEP, f"lists and maps nested deeper than {nesting} levels", start)
            stack.append(item)
        value = item.value if isinstance(item, _Open) else item
        if isinstance(inside.value, dict):
            inside.value[inside.key] = value
        else:
            inside.value.append(value)
    if reader.at < len(data):
        raise _refused(codes.CBOR_TRAILING, "the item ends and more bytes follow", reader.at)
    return root[0]


@attrs.define(slots=True, eq=False)
class _Open:
    """A list or map that is being read: how many entries are still to come, and a map's last key and its bytes."""

    value: list[Decoded] | dict[str, Decoded]
    left: int
    key: str = ""
    key_bytes: bytes = b""


def _refused(code: Code, message: str, at: int, *, expected: str | None = None) -> Refused:
    return Refused.because(code, f"{message}, at byte {at}", expected=expected)


_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_SIMPLE_NAMES = {22: "null", 23: "undefined"}


@attrs.define(slots=True, eq=False)
class _Reader:
    """One pass over the bytes; `at` is the offset of the next one."""

    data: bytes
    scores: bool
    at: int = 0

    def item(self) -> str | bool | float | _Open:
        """The next item; of a list or map only its head, the entries are still to come."""
        start = self.at
        major, information = self.initial()
        if major == SIMPLE:
            return self.simple(information, start)
        argument = self.argument(major, information, start)
        match major:
            case 3:
                return self.text(argument, start)
            case 4:
                return _Open([], self.claimed(argument, argument, start))
            case 5:
                return _Open({}, self.claimed(argument, 2 * argument, start))
            case _:
                return self.integer(argument if major == UNSIGNED else -1 - argument, start)

    def key(self, last: bytes) -> tuple[str, bytes]:
        """The next item as a key after the key with these bytes."""
        start = self.at
        major, information = self.initial()
        if major != TEXT:
            raise _refused(codes.CBOR_FORBIDDEN, "a key that is not text", start)
        key = self.text(self.argument(major, information, start), start)
        encoded = self.data[start : self.at]
        if encoded <= last:
            problem = "occurs twice" if encoded == last else "is out of order"
            raise _refused(codes.CBOR_NOT_CANONICAL, f"the key {quoted(key)} {problem}", start)
        return key, encoded

    def initial(self) -> tuple[int, int]:
        """Major type and additional information of the next item, of those that the language has."""
        start = self.at
        initial = self.take(1, start)[0]
        major, information = initial >> 5, initial & 31
        nowhere = information == 31 and major in (UNSIGNED, NEGATIVE, TAG, SIMPLE)
        if 28 <= information <= 30 or nowhere:
            raise _refused(codes.CBOR_MALFORMED, f"`{initial:02x}` starts no item", start)
        if major in (BYTES, TAG):
            raise _refused(codes.CBOR_FORBIDDEN, "a byte string" if major == BYTES else "a tag", start)
        if information == 31:
            raise _refused(codes.CBOR_NOT_CANONICAL, "an item of indefinite length", start)
        return major, information

    def argument(self, major: int, information: int, start: int) -> int:
        """The argument of a head, in the shortest form there is."""
        if information < 24:
            return information
        argument = int.from_bytes(self.take(1 << (information - 24), start), "big")
        self.canonical(head(major, argument), start)
        return argument

    def integer(self, integer: int, start: int) -> float:
        if abs(integer) > SAFE:
            raise _refused(codes.CBOR_FORBIDDEN, "an integer outside ±(2^53 - 1)", start)
        return float(integer)

    def text(self, size: int, start: int) -> str:
        begin = self.at
        try:
            return self.take(size, start).decode("utf-8")
        except UnicodeDecodeError as wrong:
            raise _refused(codes.CBOR_MALFORMED, "text that is not UTF-8", begin + wrong.start) from None

    def claimed(self, entries: int, items: int, start: int) -> int:
        """The number of entries of a list or map, if as many items can follow."""
        if items > len(self.data) - self.at:
            raise _refused(codes.CBOR_MALFORMED, "more items are due than there are bytes", start)
        return entries

    def simple(self, information: int, start: int) -> bool | float:
        if information in (20, 21):
            return information == 21
        if information not in _FLOATS:
            name = _SIMPLE_NAMES.get(information, "a simple value that is no boolean")
            raise _refused(codes.CBOR_FORBIDDEN, name, start)
        number: float = struct.unpack(_FLOATS[information], self.take(1 << (information - 24), start))[0]
        if not self.scores and not isfinite(number):
            name = "an infinity" if isinf(number) else "undefined"
            raise _refused(codes.CBOR_FORBIDDEN, f"{name}, which only a score can be", start)
        self.canonical(_number(number, self.scores), start)
        return number + 0.0

    def canonical(self, shortest: bytes, start: int) -> None:
        """Refuse the bytes since `start` unless they are these."""
        found = self.data[start : self.at]
        if found != shortest:
            expected = f"`{shortest.hex()}`"
            raise _refused(codes.CBOR_NOT_CANONICAL, f"`{found.hex()}` is not the encoding", start, expected=expected)

    def take(self, size: int, start: int) -> bytes:
        """The next bytes of the item that starts at `start`."""
        end = self.at + size
        if end > len(self.data):
            raise _refused(codes.CBOR_MALFORMED, "the input ends inside an item", start)
        taken = self.data[self.at : end]
        self.at = end
        return taken
