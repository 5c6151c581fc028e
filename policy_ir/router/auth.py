"""Bearer keys: made once, known by their digest, and held to a rate."""

from __future__ import annotations

import hmac
import math
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import attrs

from policy_ir.canonical import digest
from policy_ir.router.secrets import Secret

if TYPE_CHECKING:
    from policy_ir.router.config import Key

__all__ = ["PREFIX", "Keyring", "RateLimit", "digest_of", "new_key"]

PREFIX: Final = "pir_"
"""How every key begins, so that people and scanners of repositories know one when they see it."""

_BITS: Final = 256
_LONGEST: Final = 256
"""Most characters of a key that is looked at."""


def new_key(random: Callable[[int], bytes] = secrets.token_bytes) -> Secret:
    """A new bearer key of 256 random bits; `random` gives so many bytes."""
    number = int.from_bytes(random(_BITS // 8), "big")
    letters = []
    for _ in range(math.ceil(_BITS / math.log2(len(_LETTERS)))):
        number, letter = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[letter])
    return Secret(PREFIX + "".join(letters))


_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""No mark is among them, so that a double click takes the whole key."""


def digest_of(key: str) -> str:
    """What a configuration has of a key.

    A key has 256 random bits: nobody finds it by trying, so that its hash needs neither salt nor time.
    """
    return digest(key.encode("utf-8", "surrogatepass"))


class Keyring:
    """The keys of a configuration, by what callers send."""

    def __init__(self, keys: Mapping[str, Key]) -> None:
        self._keys = [(key.digest.encode(), key) for key in keys.values()]

    def who(self, header: str | None) -> Key | None:
        """The key that the value of an `Authorization` header names, None for none.

        It takes the same time whichever key it is, and whether it is one.
        """
        scheme, _, given = (header or "").partition(" ")
        given = given.strip()
        if scheme.lower() != "bearer" or not 0 < len(given) <= _LONGEST:
            return None
        sent = digest_of(given).encode()
        found = None
        for known, key in self._keys:
            if hmac.compare_digest(known, sent):
                found = key
        return found


@attrs.define
class _Bucket:
    """What is left of a key's burst, and when that was so, in seconds."""

    left: float
    at: float


class RateLimit:
    """A token bucket for each key that has a rate; `clock` counts seconds and never goes back.

    `before` is the one that this one takes over from: a reload gives nobody a new burst.
    """

    def __init__(self, keys: Mapping[str, Key], clock: Callable[[], float], before: RateLimit | None = None) -> None:
        self._clock = clock
        now = clock()
        self._buckets: dict[str, _Bucket] = {}
        for key in keys.values():
            if key.rate is not None:
                known = None if before is None else before._buckets.get(key.name)
                self._buckets[key.name] = (
                    _Bucket(key.burst, now) if known is None else _Bucket(min(known.left, key.burst), known.at)
                )

    def take(self, key: Key) -> float | None:
        """Count a call. None where it may go on, else the seconds after which one may; it is then not counted."""
        bucket = self._buckets.get(key.name)
        if bucket is None or key.rate is None:
            return None
        now = self._clock()
        each = 60.0 / key.rate
        bucket.left = min(float(key.burst), bucket.left + (now - bucket.at) / each)
        bucket.at = now
        if bucket.left < 1.0:
            return (1.0 - bucket.left) * each
        bucket.left -= 1.0
        return None
