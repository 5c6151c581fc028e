"""Known failures: which vectors are expected to fail, and with what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType


def read_known(path: Path) -> Mapping[str, str]:
    """The list in a file, `.toml` or else JSON: from ids of vectors to a part of the message that each fails with.

    Raises OSError, and ValueError for a file of another shape.
    """
    text = path.read_text("utf-8")
    if path.suffix == ".toml":
        import tomllib

        listed: object = tomllib.loads(text)
    else:
        listed = json.loads(text)
    if not isinstance(listed, dict):
        raise ValueError("the list is no object from ids of vectors to messages")
    for id, message in listed.items():
        if not isinstance(message, str):
            raise ValueError(f"the message of `{id}` is no text")
    return MappingProxyType(listed)
