"""Importer for LiteLLM's price file, `model_prices_and_context_window.json`: an object from model keys to rows.

Rows whose `mode` is `chat` or `responses` are imported; a key is the candidate's id. Specification: chapter
"Catalogue", section "LiteLLM".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from policy_ir.catalogs.file import check_rows, read_large_json
from policy_ir.catalogs.importing import Import, Imported, Row, family_of, rows_of, unknown_format
from policy_ir.diagnostics import quoted
from policy_ir.syntax.places import step

if TYPE_CHECKING:
    from policy_ir.syntax.document import Document
    from policy_ir.vocabulary.declarations import Vocabulary

_MODES: Final = ("chat", "responses")
_SAMPLE: Final = "sample_spec"

_PRICES: Final = {
    "input_cost_per_token": "price_in",
    "output_cost_per_token": "price_out",
    "cache_read_input_token_cost": "price_cache_read",
}
_LIMITS: Final = {"max_input_tokens": "context", "max_output_tokens": "max_output"}
_FLAGS: Final = {
    "supports_function_calling": "supports_tools",
    "supports_parallel_function_calling": "supports_parallel_tools",
    "supports_response_schema": "supports_structured_outputs",
    "supports_reasoning": "supports_reasoning",
    "supports_prompt_caching": "supports_prompt_cache",
    "supports_vision": "supports_vision",
    "supports_audio_input": "supports_audio",
    "supports_video_input": "supports_video",
    "supports_pdf_input": "supports_file",
    "supports_audio_output": "supports_audio_output",
    "supports_web_search": "supports_web_search",
    "supports_computer_use": "supports_computer_use",
}
"""The flags of a row that say whether the model has a capability, and its name here."""

_INPUTS: Final = {"image": "supports_vision", "audio": "supports_audio", "video": "supports_video"}
_OUTPUTS: Final = {"image": "supports_image_output", "audio": "supports_audio_output"}
_READ: Final = frozenset({"mode", "litellm_provider", "deprecation_date", "supported_regions", "supported_modalities",
                          "supported_output_modalities", *_PRICES, *_LIMITS, *_FLAGS})  # fmt: skip

_BEDROCK: Final = ("bedrock", "bedrock_converse", "bedrock_mantle")
_AWS_REGION: Final = re.compile(r"[a-z]{2}(?:-gov)?-[a-z]+-[0-9]")
_PROFILE: Final = re.compile(r"(us-gov|us|eu|apac|au|jp|in|ca|global)\.(?=.+\.)")
_VENDOR: Final = re.compile(
    r"(?:ai21|amazon|anthropic|cohere|google|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen|"
    r"twelvelabs|writer|xai|zai)\."
)
_REVISION: Final = re.compile(r"-v?[1-9][0-9]*:0$|(?<=[0-9])-v1$")
_AZURE_ZONES: Final = {"eu": "eu", "us": "us", "us-gov": "us-gov", "apac": "apac", "global": "global",
                       "global-standard": "global"}  # fmt: skip


def read(text: str, vocabulary: Vocabulary, *, name: str = "litellm") -> Imported:
    """The chat models of a LiteLLM price file, by id. Raises `Refused` for a text that is no such file (`PIR0607`)."""
    value, document = read_large_json(text, name)
    return read_value(value, vocabulary, name, document)


def read_value(value: Any, vocabulary: Vocabulary, name: str, document: Document) -> Imported:
    """As `read`, of the decoded text."""
    if not recognises(value):
        raise unknown_format("a LiteLLM price file", "an object of rows with `litellm_provider`", name, document)
    check_rows(len(value), name, "")
    batch = Import(vocabulary, name)
    for key, at, row in rows_of(value, ""):
        reason = _why_not(key, row)
        if reason is None:
            _row(batch, key, at, row)
        else:
            batch.skip(at, key, reason)
    return batch.result()


def recognises(value: object) -> bool:
    """Whether a decoded JSON value looks like a LiteLLM price file."""
    return isinstance(value, Mapping) and any(
        isinstance(row, Mapping) and "litellm_provider" in row for row in value.values()
    )


def _why_not(key: str, row: object) -> str | None:
    if key == _SAMPLE:
        return "it describes the format"
    if not isinstance(row, Mapping):
        return "it is not an object"
    mode = row.get("mode")
    if not isinstance(mode, str):
        return "it has no mode"
    if mode not in _MODES:
        return f"its mode is {quoted(mode)}"
    if not isinstance(row.get("litellm_provider"), str):
        return "it has no provider"
    return None


def _row(batch: Import, key: str, at: str, row: Mapping[str, Any]) -> None:
    provider: str = row["litellm_provider"]
    made = Row(batch, at, row)
    for name, value in row.items():
        here = step(at, name)
        if name in _PRICES:
            made.price(_PRICES[name], value, here)
        elif name in _LIMITS:
            made.limit(_LIMITS[name], value, here)
        elif name in _FLAGS:
            made.flag(_FLAGS[name], value, here)
        elif name not in _READ:
            made.column(value, name)
    if row.get("supports_response_schema") is True:
        # A schema that takes any object is JSON mode: rule `import/json-mode`.
        made.flag("supports_json_mode", True, at)
    _modalities(made, row, "supported_modalities", _INPUTS)
    _modalities(made, row, "supported_output_modalities", _OUTPUTS)
    made.announced(row.get("deprecation_date"), step(at, "deprecation_date"))
    served, stated = model_and_region(provider, key)
    made.put("region", stated, at)
    if stated is None or "region" not in batch.vocabulary.fields:
        _region(made, row.get("supported_regions"), step(at, "supported_regions"))
    made.finish(id=key, provider=provider, family=family_of(common_spelling(provider, served)), served_model=served)


def _modalities(made: Row, row: Mapping[str, Any], key: str, known: Mapping[str, str]) -> None:
    """A list of modalities says which there are; a flag of the row says more, and goes first."""
    value = row.get(key)
    at = step(made.pointer, key)
    if value is None:
        return
    if not isinstance(value, list):
        made.batch.ignore(at, value, "it is not a list of modalities")
        return
    for name, capability in known.items():
        if capability not in made.denied:
            made.flag(capability, name in value or capability in made.capabilities, at)


def _region(made: Row, listed: object, at: str) -> None:
    """The one region of a list; several are not one, and none say nothing."""
    if not made.takes("region", listed, at):
        return
    match listed:
        case []:
            return
        case [str(region)]:
            made.put("region", region, at)
        case _:
            said = ", ".join(map(str, listed)) if isinstance(listed, list) else listed
            made.batch.ignore(at, said, "it is not one region")


def model_and_region(provider: str, key: str) -> tuple[str, str | None]:
    """What a key says: the model as its provider names it, and the region it is served in, if the key states one.

    Rules `litellm/model` and `litellm/region`.
    """
    rest = key
    for prefix in (f"{provider}/", f"{provider.partition('-')[0]}/", "bedrock/" if provider in _BEDROCK else None):
        if prefix is not None and rest.startswith(prefix) and len(rest) > len(prefix):
            rest = rest[len(prefix) :]
            break
    if provider in _BEDROCK:
        path, _, model = rest.rpartition("/")
        regions = [segment for segment in path.split("/") if _AWS_REGION.fullmatch(segment)]
        profile = _PROFILE.match(model)
        if profile and not regions:
            regions = [profile[1]]
        return model or rest, regions[0] if regions else None
    if provider == "azure":
        zone, slash, model = rest.partition("/")
        if slash and model and zone in _AZURE_ZONES:
            return model, _AZURE_ZONES[zone]
    return rest, None


def common_spelling(provider: str, served: str) -> str:
    """A served model's name without what only its host adds to it: rules `litellm/bedrock`, `/fireworks`, `/vertex`."""
    if provider in _BEDROCK:
        plain = _REVISION.sub("", _PROFILE.sub("", served))
        return re.sub(r"^deepseek\.", "deepseek-", _VENDOR.sub("", plain))
    if provider == "fireworks_ai":
        return re.sub(r"(?<=[0-9])p(?=[0-9])", ".", served)
    if provider.startswith("vertex_ai"):
        return re.sub(r"(?:-maas)?(?:@default)?\Z", "", served)
    return served
