"""Random price lists: rows with the keys that importers look at, and values that are right, odd or wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

_NAMES = ("m", "Model-X", "maker/x-2025-08-07:thinking", "gpt-5@20250101", "us.anthropic.claude-v1:0", "azure/eu/gpt-5",
          "bedrock/us-east-1/x", "accounts/fireworks/models/llama-v3p1-8b", "vertex_ai/x-maas", "x@default", "a:free",
          "openai/m-1106", "é/ü", "")  # fmt: skip
_PROVIDERS = ("openai", "azure", "azure_ai", "bedrock", "bedrock_converse", "fireworks_ai", "vertex_ai",
              "vertex_ai-anthropic_models", "gemini", "p", "", 5)  # fmt: skip
_FLAG = st.sampled_from([True, False, True, False, None, 1, "yes"])
_COUNT = st.sampled_from([0, 1, 4096, 128000.0, 0.5, -1, "128000", True, None, 2**53])
_COST = st.sampled_from([0, 1.5e-7, 6e-7, -1e-6, -0.0, "free", None, True, 1e303]) | st.floats(0, 1e-4)
_COST_TEXT = (
    st.sampled_from(["0", "0.00000015", "1.5e-7", "-1", "-0", "5.", ".5", "1_0", "", "nan", "1e303", "1e-331"]) | _COST
)
_DATE = st.sampled_from(["2026-01-01", "2027-13-45", "", "x", None, 5])
_MODALITIES = st.lists(st.sampled_from(["text", "image", "audio", "video", "pdf", "file", 5]), max_size=3) | st.just(
    "text"
)
_MODE = st.sampled_from(["chat", "chat", "chat", "responses", "completion", "embedding", None, 5])
_NUMBER_OR_TEXT = st.sampled_from([1, "x", None])

_FLAGS = ("vision", "function_calling", "parallel_function_calling", "response_schema", "reasoning", "audio_input",
          "audio_output", "prompt_caching", "pdf_input", "video_input", "web_search", "native_json")  # fmt: skip


def _row(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A record with some of the keys, in some order; now and then something else."""
    some = st.fixed_dictionaries({}, optional=dict(keys))
    shuffled = some.flatmap(lambda row: st.permutations(list(row.items())).map(dict))
    return st.one_of(*(shuffled for _ in range(9)), st.sampled_from([None, 5, "x", []]))


def _table(row: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(_NAMES), row, max_size=5)


_LITELLM = _table(
    _row(
        litellm_provider=st.sampled_from(_PROVIDERS),
        mode=_MODE,
        input_cost_per_token=_COST,
        output_cost_per_token=_COST,
        cache_read_input_token_cost=_COST,
        max_input_tokens=_COUNT,
        max_output_tokens=_COUNT,
        max_tokens=_COUNT,
        deprecation_date=_DATE,
        supported_modalities=_MODALITIES,
        supported_output_modalities=_MODALITIES,
        supported_regions=st.sampled_from([["global"], ["us", "eu"], [], "us"]),
        rpm=_NUMBER_OR_TEXT,
        **{f"supports_{name}": _FLAG for name in _FLAGS},
    )
)

_OPENROUTER = st.lists(
    _row(
        id=st.sampled_from(_NAMES),
        canonical_slug=st.sampled_from(_NAMES),
        name=_NUMBER_OR_TEXT,
        context_length=_COUNT,
        pricing=_row(prompt=_COST_TEXT, completion=_COST_TEXT, input_cache_read=_COST_TEXT, image=_COST_TEXT),
        top_provider=_row(max_completion_tokens=_COUNT, context_length=_COUNT),
        architecture=_row(input_modalities=_MODALITIES, output_modalities=_MODALITIES, tokenizer=_NUMBER_OR_TEXT),
        supported_parameters=st.lists(
            st.sampled_from(
                ["tools", "parallel_tool_calls", "response_format", "structured_outputs", "reasoning", "seed", 5]
            ),
            max_size=4,
        ),
        expiration_date=_DATE,
        created=_NUMBER_OR_TEXT,
    ),
    max_size=5,
).flatmap(lambda rows: st.sampled_from([{"data": rows}, {"data": rows}, rows]))

_MODELS_DEV = st.dictionaries(
    st.sampled_from(["openai", "p", "amazon-bedrock", "é"]),
    _row(
        id=st.sampled_from(_NAMES),
        models=_table(
            _row(
                id=st.sampled_from(_NAMES),
                family=st.sampled_from(_NAMES),
                cost=_row(input=_COST, output=_COST, cache_read=_COST, reasoning=_COST),
                limit=_row(context=_COUNT, output=_COUNT, input=_COUNT),
                modalities=_row(input=_MODALITIES, output=_MODALITIES),
                open_weights=_FLAG,
                reasoning=_FLAG,
                tool_call=_FLAG,
                structured_output=_FLAG,
                attachment=_FLAG,
                status=st.sampled_from(["deprecated", "beta", "", None, 5]),
                knowledge=_NUMBER_OR_TEXT,
            )
        ),
    ),
    max_size=3,
)

PRICE_LISTS: Mapping[str, st.SearchStrategy[Any]] = {
    "litellm": _LITELLM,
    "openrouter": _OPENROUTER,
    "models.dev": _MODELS_DEV,
}
"""Documents of each format."""


def imports() -> st.SearchStrategy[dict[str, Any]]:
    """Inputs of the kind `import`."""
    vocabularies = st.sampled_from(["standard", "core"])
    return st.sampled_from(sorted(PRICE_LISTS)).flatmap(
        lambda name: st.fixed_dictionaries(
            {"format": st.just(name), "document": PRICE_LISTS[name], "vocabulary": vocabularies}
        )
    )
