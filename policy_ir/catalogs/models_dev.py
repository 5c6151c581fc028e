"""Importer for models.dev's `api.json`: providers with their models, prices in USD per million tokens.

Specification: chapter "Catalogue", section "models.dev".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from policy_ir.catalogs.file import check_rows, read_large_json
from policy_ir.catalogs.importing import Import, Imported, Row, family_of, rows_of, unknown_format
from policy_ir.syntax.places import step

if TYPE_CHECKING:
    from policy_ir.syntax.document import Document
    from policy_ir.vocabulary.declarations import Vocabulary

_PRICES: Final = {"input": "price_in", "output": "price_out", "cache_read": "price_cache_read"}
_LIMITS: Final = {"context": "context", "output": "max_output"}
_FLAGS: Final = {
    "tool_call": "supports_tools",
    "structured_output": "supports_structured_outputs",
    "reasoning": "supports_reasoning",
}
_INPUTS: Final = {
    "image": "supports_vision",
    "audio": "supports_audio",
    "video": "supports_video",
    "pdf": "supports_file",
}
_OUTPUTS: Final = {"image": "supports_image_output", "audio": "supports_audio_output"}
_READ: Final = ("id", "name", "family", "cost", "limit", "modalities", "status", "open_weights", *_FLAGS)
"""Keys that are read, or that name and describe the model."""


def read(text: str, vocabulary: Vocabulary, *, name: str = "models.dev") -> Imported:
    """The models of models.dev's `api.json` that give text, by id.

    Raises `Refused` for a text that is no such file (`PIR0607`).
    """
    value, document = read_large_json(text, name)
    return read_value(value, vocabulary, name, document)


def read_value(value: Any, vocabulary: Vocabulary, name: str, document: Document) -> Imported:
    """As `read`, of the decoded text."""
    if not recognises(value):
        raise unknown_format("models.dev's `api.json`", "an object of providers with `models`", name, document)
    listed = [entry["models"] for entry in value.values() if isinstance(entry, Mapping) and "models" in entry]
    check_rows(len(value) + sum(len(rows) for rows in listed if isinstance(rows, Mapping)), name, "")
    batch = Import(vocabulary, name)
    for provider, at, entry in rows_of(value, ""):
        models = entry.get("models") if isinstance(entry, Mapping) else None
        if not isinstance(models, Mapping):
            batch.skip(at, provider, "it has no models")
            continue
        for model, here, row in rows_of(models, f"{at}/models"):
            if isinstance(row, Mapping):
                _row(batch, provider, model, here, row)
            else:
                batch.skip(here, f"{provider}/{model}", "it is not an object")
    return batch.result()


def recognises(value: object) -> bool:
    """Whether a decoded JSON value looks like models.dev's `api.json`."""
    return isinstance(value, Mapping) and any(
        isinstance(entry, Mapping) and isinstance(entry.get("models"), Mapping) for entry in value.values()
    )


def _row(batch: Import, provider: str, model: str, at: str, row: Mapping[str, Any]) -> None:
    made = Row(batch, at, row)
    modalities = made.part(row, "modalities")
    outputs = modalities.get("output")
    if isinstance(outputs, list) and "text" not in outputs:
        batch.skip(at, f"{provider}/{model}", "it gives no text")
        return
    for side, known in (("input", _INPUTS), ("output", _OUTPUTS)):
        path = f"modalities/{side}"
        made.flags(path, made.names(modalities, path), known)
    for key, price in made.part(row, "cost").items():
        here = f"{at}/cost{step('', key)}"
        if key in _PRICES:
            made.price(_PRICES[key], price, here, tokens=1_000_000)
        else:
            made.column(price, "cost", key)
    for key, limit in made.part(row, "limit").items():
        here = f"{at}/limit{step('', key)}"
        if key in _LIMITS:
            made.limit(_LIMITS[key], limit, here)
        else:
            made.column(limit, "limit", key)
    for key, value in row.items():
        if key in _FLAGS:
            made.flag(_FLAGS[key], value, f"{at}/{key}")
        elif key not in _READ:
            made.column(value, key)
    if row.get("structured_output") is True:
        # A schema that takes any object is JSON mode: rule `import/json-mode`.
        made.flag("supports_json_mode", True, at)
    made.put("open_weights", row.get("open_weights"), f"{at}/open_weights")
    status, here = row.get("status"), f"{at}/status"
    if made.takes("deprecated", status, here):
        if status == "deprecated":
            made.put("deprecated", True, here)
        elif not isinstance(status, str):
            batch.ignore(here, status, "it is no status")
    made.finish(id=f"{provider}/{model}", provider=provider, family=family_of(model), served_model=model)
