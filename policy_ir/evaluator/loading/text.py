"""Reading JSON text with the library's scanner, as strictly as `syntax.json_reader` does.

The scanner and the language agree on what JSON is, but for this: the scanner takes a key that occurs twice, `NaN` and
infinities, `null`, numbers that underflow to 0, and any depth. The readers doubt a number that is not finite, a null,
and what is too deep; the rest is found here.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from policy_ir.evaluator.loading.doubt import Doubtful

_MANY_ZEROS: Final = b"0" * 300
_NEGATIVE_EXPONENT: Final = re.compile(rb"-(?<=[0-9][eE]-)")  # by its rarest character, which is quick to find


def value_of_text(source: bytes) -> Any:
    """The value of a JSON text. Raises one of `DOUBTS` for what is none, or may be none to the language."""
    # Only with a negative exponent, or some 320 zeros after its point, can a number that is not 0 be read as 0.
    if _MANY_ZEROS in source or _NEGATIVE_EXPONENT.search(source):
        raise Doubtful
    try:
        return _DECODER.decode(source.decode())
    except RecursionError:
        raise Doubtful from None


def _record(entries: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(entries)
    if len(record) != len(entries):
        raise Doubtful
    return record


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_record)
