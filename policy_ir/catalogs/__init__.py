"""Catalogues: files, importers from the price lists people already have, and the dated one in the package.

Specification: chapter "Catalogue".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from policy_ir.catalogs.diff import CatalogDiff, Change, diff
from policy_ir.catalogs.file import CatalogFile, catalog_json, load_catalog, read_catalog, read_large_text
from policy_ir.catalogs.importing import Imported
from policy_ir.catalogs.shipped import shipped_catalog, shipped_snapshot

if TYPE_CHECKING:
    from policy_ir.syntax.document import Document
    from policy_ir.vocabulary.declarations import Vocabulary

__all__ = [
    "FORMATS",
    "CatalogDiff",
    "CatalogFile",
    "Change",
    "Imported",
    "catalog_json",
    "diff",
    "import_catalog",
    "load_catalog",
    "read_catalog",
    "read_large_text",
    "shipped_catalog",
    "shipped_snapshot",
]

FORMATS: Final = ("litellm", "openrouter", "models.dev")
"""The formats that `import_catalog` reads."""


def import_catalog(text: str, vocabulary: Vocabulary, *, form: str | None = None, name: str = "catalogue") -> Imported:
    """The candidates of a price list in one of `FORMATS`, recognised by its shape where `form` is None.

    Raises `Refused` for a text that is no such list (`PIR0607`), that is no JSON, or that is too large (`PIR0611`);
    rows and values are never refused but reported.
    """
    from policy_ir.catalogs import litellm, models_dev, openrouter
    from policy_ir.catalogs.file import read_large_json
    from policy_ir.catalogs.importing import unknown_format

    readers: dict[str, _Importer] = {"litellm": litellm, "openrouter": openrouter, "models.dev": models_dev}
    value, document = read_large_json(text, name)
    for known, reader in readers.items():
        if form == known or (form is None and reader.recognises(value)):
            return reader.read_value(value, vocabulary, name, document)
    raise unknown_format("a price list that is known here", "one of " + ", ".join(FORMATS), name, document)


class _Importer(Protocol):
    """The module of one format."""

    def read_value(self, value: Any, vocabulary: Vocabulary, name: str, document: Document) -> Imported:
        """The candidates of a decoded text in this format."""

    def recognises(self, value: object) -> bool:
        """Whether a decoded text looks like this format."""
