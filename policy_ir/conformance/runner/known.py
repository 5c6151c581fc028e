"""Known failures: which vectors are expected to fail, and with what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from policy_ir.conformance.strict_json import GivenTwice, read_strictly
from policy_ir.diagnostics import quoted


def read_known(path: Path) -> Mapping[str, str]:
    """The list in a file, `.toml` or else JSON: from ids of vectors to a part of the message that each fails with.

    Raises OSError, and ValueError for a file of another shape.
    """
    try:
        text = path.read_text("utf-8")
        if path.suffix == ".toml":
            import tomllib

            listed: object = tomllib.loads(text)
        else:
            listed = read_strictly(text)
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    except GivenTwice as wrong:
        raise ValueError(f"{quoted(wrong.member)} is in it twice") from None
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(listed, dict):
        raise ValueError("the list is no object from ids of vectors to messages")
    for id, message in listed.items():
        if not isinstance(message, str):
            raise ValueError(f"the message of {quoted(id)} is no text")
    return MappingProxyType(listed)
