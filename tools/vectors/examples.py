"""Well-formed terms that many books start from: one of each operation, and the words of the language in sentences."""

from __future__ import annotations

from typing import Any, Final

ABORT: Final = {"action": "abort"}
NEXT: Final = {"action": "next_candidate"}

# One term of each operation, in the order of the signature, which the vocabulary `standard` admits; `custom` is not here,
# because that vocabulary declares none.
ONE_OF_EACH: Final[dict[str, list[Any]]] = {
    "top": ["top"],
    "bot": ["bot"],
    "and": ["and", ["meets_req"], ["is", "no_log"]],
    "or": ["or", ["meets_req"], ["is", "no_log"]],
    "not": ["not", ["is", "disabled"]],
    "meets_req": ["meets_req"],
    "scope_matches": ["scope_matches"],
    "is": ["is", "has_tee"],
    "cmp": ["cmp", "price_in", "le", 25],
    "tier_eq": ["tier_eq", "partner"],
    "min_tier": ["min_tier", "marketplace"],
    "family_eq": ["family_eq", "gpt-5.2"],
    "provider_eq": ["provider_eq", "openai"],
    "served_by_eq": ["served_by_eq", "azure"],
    "has_cap": ["has_cap", "supports_tools"],
    "tag_in": ["tag_in", "region", ["eu", "us"]],
    "test": ["test", ["field", "call_cost"], "lt", 0.01],
    "known": ["known", "price_in"],
    "zero": ["zero"],
    "lit": ["lit", 0.5],
    "field": ["field", "tok_s"],
    "add": ["add", ["lit", 1], ["field", "tok_s"]],
    "scale": ["scale", 0.5, ["field", "tok_s"]],
    "neg": ["neg", ["field", "tok_s"]],
    "normalize": ["normalize", ["field", "tok_s"]],
    "clamp": ["clamp", 0, 1, ["field", "tok_s"]],
    "gate": ["gate", ["is", "has_tee"], ["field", "tok_s"]],
    "argmax": ["argmax"],
    "ordered": ["ordered"],
    "sample": ["sample", 0.5],
    "chain": ["chain", [{"provider": "openai", "model": "gpt-5.2"}]],
    "top_k": ["top_k", 3, ["argmax"]],
    "prefer": ["prefer", ["is", "has_tee"], ["argmax"]],
    "rank_by": ["rank_by", ["field", "tok_s"], ["argmax"]],
    "id": ["id"],
    "seq": ["seq", ["inject_seed", "seed"], ["drop_param", "top_k"]],
    "set_param": ["set_param", "temperature", 0.5],
    "inject_seed": ["inject_seed", "seed"],
    "drop_param": ["drop_param", "temperature"],
    "clamp_param": ["clamp_param", "max_tokens", 1, 4096],
    "jitter": ["jitter", "temperature", 0.1],
    "filter_text": ["filter_text", ["RedactPII", {"TruncateText": 300}]],
    "filter_image": ["filter_image", ["BlurFaces"]],
    "when": ["when", ["is", "has_tee"], ["inject_seed", "seed"]],
    "always": ["always", {"action": "retry_same", "attempts": 2, "backoff_ms": [250, 500]}],
    "override": ["override", ["always", {"action": "next_candidate"}], "timeout", {"action": "abort"}],
    "policy": ["policy", ["meets_req"], ["neg", ["normalize", ["field", "price_out"]]], ["argmax"], ["id"],
               ["always", {"action": "next_candidate"}]],
}  # fmt: skip

CUSTOM: Final = ["custom", "add_footer"]
"""A term of the remaining operation."""

HOUSE: Final[dict[str, Any]] = {
    "vocabulary": 1, "name": "house", "extends": "standard",
    "fields": {
        "zone": {"sort": "tag", "source": "state"},
        "quota": {"sort": "num", "source": "state", "default": -1, "minimum": 1, "maximum": 2},
        "off": {"sort": "bool", "source": "state", "default": False},
    },
    "params": {
        "verbosity": {"sort": "string", "choices": ["low", "high"]},
        "user": {"sort": "string"},
        "logprobs": {"sort": "boolean"},
        "free": {"sort": "number"},
        "least_only": {"sort": "number", "minimum": -1.5},
        "most_only": {"sort": "integer", "maximum": 10},
        "span": {"sort": "number", "minimum": 0, "maximum": 9007199254740991},
        "short_span": {"sort": "number", "minimum": 0, "maximum": 9007199254740990},
        "late_span": {"sort": "integer", "minimum": 1, "maximum": 9007199254740991},
    },
    "tiers": ["fallback", "marketplace", "partner", "own"],
    "recipes": ["MaskNames"],
    "customs": {"add_footer": "3"},
}  # fmt: skip
"""A vocabulary with parameters of every sort and range, a custom transform, a tier and fields of its own."""

SORTS: Final = {
    "Policy": "a policy", "Pred": "a predicate", "Scorer": "a scorer", "Selector": "a selector", "Xform": "a transform",
    "FailPlan": "a failure plan",
}  # fmt: skip
