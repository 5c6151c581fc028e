"""Importer for the response of OpenRouter's `/api/v1/models`: `{"data": [model, ...]}`, prices as decimal strings.

Specification: chapter "Catalogue", section "OpenRouter".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from policy_ir.catalogs.file import check_rows, read_large_json
from policy_ir.catalogs.importing import Import, Imported, Row, family_of, unknown_format
from policy_ir.syntax.places import step

if TYPE_CHECKING:
    from policy_ir.syntax.document import Document
    from policy_ir.vocabulary.declarations import Vocabulary

PROVIDER: Final = "openrouter"

_PRICES: Final = {"prompt": "price_in", "completion": "price_out", "input_cache_read": "price_cache_read"}
_PARAMETERS: Final = {
    "tools": "supports_tools",
    "parallel_tool_calls": "supports_parallel_tools",
    "response_format": "supports_json_mode",
    "structured_outputs": "supports_structured_outputs",
    "reasoning": "supports_reasoning",
    "logprobs": "supports_logprobs",
    "seed": "supports_seed",
}
_INPUTS: Final = {
    "image": "supports_vision",
    "audio": "supports_audio",
    "video": "supports_video",
    "file": "supports_file",
}
_OUTPUTS: Final = {"image": "supports_image_output", "audio": "supports_audio_output"}
_READ: Final = ("id", "pricing", "context_length", "top_provider", "architecture", "supported_parameters",
                "expiration_date", "name", "description", "created", "canonical_slug", "links")  # fmt: skip
"""Keys that are read, or that name and describe the model."""


def read(text: str, vocabulary: Vocabulary, *, name: str = "openrouter") -> Imported:
    """The models of an OpenRouter model list that give text, by id.

    Raises `Refused` for a text that is no such list (`PIR0607`).
    """
    value, document = read_large_json(text, name)
    return read_value(value, vocabulary, name, document)


def read_value(value: Any, vocabulary: Vocabulary, name: str, document: Document) -> Imported:
    """As `read`, of the decoded text."""
    if not recognises(value):
        raise unknown_format("an OpenRouter model list", "an object with a list under `data`", name, document)
    check_rows(len(value["data"]), name, "/data")
    batch = Import(vocabulary, name)
    for index, row in enumerate(value["data"]):
        at = f"/data/{index}"
        if not isinstance(row, Mapping):
            batch.skip(at, f"row {index}", "it is not an object")
        elif not isinstance(row.get("id"), str):
            batch.skip(at, f"row {index}", "it has no id")
        else:
            _row(batch, at, row)
    return batch.result()


def recognises(value: object) -> bool:
    """Whether a decoded JSON value looks like an OpenRouter model list."""
    return isinstance(value, Mapping) and isinstance(value.get("data"), list)


def _row(batch: Import, at: str, row: Mapping[str, Any]) -> None:
    model: str = row["id"]
    made = Row(batch, at, row)
    architecture = made.part(row, "architecture")
    outputs = made.names(architecture, "architecture/output_modalities")
    if outputs is not None and "text" not in outputs:
        batch.skip(at, model, "it gives no text")
        return
    made.flags("architecture/input_modalities", made.names(architecture, "architecture/input_modalities"), _INPUTS)
    made.flags("architecture/output_modalities", outputs, _OUTPUTS)
    made.flags("supported_parameters", made.names(row, "supported_parameters"), _PARAMETERS)
    for key, price in made.part(row, "pricing").items():
        here = f"{at}/pricing{step('', key)}"
        if key not in _PRICES:
            made.column(price, "pricing", key)
        elif price in ("-1", -1) and made.takes(_PRICES[key], price, here):
            batch.ignore(here, price, "it stands for a price that depends on the call")
        else:
            made.price(_PRICES[key], price, here)
    made.limit("context", row.get("context_length"), f"{at}/context_length")
    output = made.part(row, "top_provider").get("max_completion_tokens")
    made.limit("max_output", output, f"{at}/top_provider/max_completion_tokens")
    made.announced(row.get("expiration_date"), f"{at}/expiration_date")
    for key, value in row.items():
        if key not in _READ:
            made.column(value, key)
    family = family_of(model.partition(":")[0] or model)
    made.finish(id=f"{PROVIDER}/{model}", provider=PROVIDER, family=family, served_model=model)
