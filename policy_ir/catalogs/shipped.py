"""The dated catalogue inside the package: decisions over real models with no network and no key.

`tools/make_catalog.py` makes it; the file says where its facts are from. Specification: chapter "Catalogue", section
"The shipped catalogue".
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from policy_ir.candidate import Candidate
from policy_ir.catalogs.file import CatalogFile

if TYPE_CHECKING:
    from policy_ir.snapshot import Snapshot

NAME: Final = "standard-2026-11"
"""The name of the shipped catalogue: its vocabulary and its month."""


def shipped_text() -> str:
    """The text of the shipped catalogue's file."""
    return resources.files("policy_ir").joinpath("data", "catalogs", f"{NAME}.json").read_text("utf-8")


@cache
def shipped_catalog() -> CatalogFile:
    """The shipped catalogue; a test holds its file to the format, so it is not checked again here."""
    data = json.loads(shipped_text())
    return CatalogFile(
        name=NAME,
        vocabulary_name=data["vocabulary"],
        listed=tuple(Candidate(**row) for row in data["candidates"]),
        about=data["about"],
        date=data["date"],
        sources=tuple(data["sources"]),
    )


@cache
def shipped_snapshot() -> Snapshot:
    """The snapshot of the shipped catalogue under the vocabulary it is written for."""
    from policy_ir.snapshot import Snapshot
    from policy_ir.vocabulary import vocabulary

    catalog = shipped_catalog()
    return Snapshot.take(catalog, vocabulary(catalog.vocabulary_name))
