"""The ids of the small-step rules, in the order of the specification's chapter "Semantics"; the only list of them.

A rule that is named in code and missing here is a type error; tests hold this list, the chapter and the rules that
fire together.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

PredRule: TypeAlias = Literal[
    "top/accept",
    "bot/reject",
    "scope_matches/accept",
    "scope_matches/reject",
    "is/accept",
    "is/reject",
    "cmp/accept",
    "cmp/reject",
    "tier_eq/accept",
    "tier_eq/reject",
    "min_tier/accept",
    "min_tier/reject",
    "family_eq/accept",
    "family_eq/reject",
    "provider_eq/accept",
    "provider_eq/reject",
    "served_by_eq/accept",
    "served_by_eq/reject",
    "has_cap/accept",
    "has_cap/reject",
    "tag_in/accept",
    "tag_in/reject",
    "known/accept",
    "known/reject",
    "meets_req/missing_capability",
    "meets_req/min_context",
    "meets_req/model_family",
    "meets_req/tier",
    "meets_req/tee_required",
    "meets_req/no_log",
    "meets_req/min_tok_s",
    "meets_req/accept",
    "and/next",
    "and/accept",
    "and/reject",
    "or/next",
    "or/accept",
    "or/reject",
    "not/accept",
    "not/reject",
    "test/accept",
    "test/reject",
]
NormalizeRule: TypeAlias = Literal[
    "normalize/degenerate",
    "normalize/infinite",
    "normalize/single",
    "normalize/scale",
    "normalize/halve",
]
ScorerRule: TypeAlias = (
    Literal[
        "zero/score",
        "lit/score",
        "field/score",
        "add/next",
        "add/score",
        "scale/score",
        "neg/score",
        "clamp/score",
        "gate/open",
        "gate/shut",
        "gate/score",
    ]
    | NormalizeRule
)
SelectorRule: TypeAlias = Literal[
    "select/argmax",
    "select/ordered",
    "select/sample",
    "select/chain",
    "select/top_k",
    "prefer/match",
    "prefer/other",
    "select/prefer",
    "select/rank_by",
]
PolicyRule: TypeAlias = Literal["filter/keep", "filter/drop", "decision/empty", "decision/done"]
XformRule: TypeAlias = Literal[
    "id/done",
    "seq/next",
    "seq/done",
    "set_param/set",
    "inject_seed/set",
    "inject_seed/unseeded",
    "drop_param/drop",
    "drop_param/absent",
    "clamp_param/low",
    "clamp_param/high",
    "clamp_param/keep",
    "clamp_param/skip",
    "jitter/unseeded",
    "jitter/set",
    "jitter/shift",
    "jitter/overflow",
    "filter_text/hold",
    "filter_image/hold",
    "custom/attach",
    "when/take",
    "when/skip",
]
FailPlanRule: TypeAlias = Literal["always/answer", "override/answer", "override/pass"]

Rule: TypeAlias = PredRule | ScorerRule | SelectorRule | PolicyRule | XformRule | FailPlanRule


def _ids(alias: object) -> tuple[str, ...]:
    """The texts of a `Literal`, or of a union of them."""
    return tuple(text for part in get_args(alias) for text in ([part] if isinstance(part, str) else get_args(part)))


RULES: tuple[str, ...] = tuple(
    text for alias in (PredRule, ScorerRule, SelectorRule, PolicyRule, XformRule, FailPlanRule) for text in _ids(alias)
)
"""Every rule id, by sort, each once."""

AT_ONE_CANDIDATE: frozenset[str] = frozenset(
    {*_ids(PredRule), *_ids(XformRule), "filter/keep", "filter/drop", "gate/open", "gate/shut"}
    | {"prefer/match", "prefer/other"}
)
"""The rules that are about one candidate; the others are about a population, an answer or the end of a decision."""
