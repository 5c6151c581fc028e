"""What a policy is decided over: candidates and catalogues, request facts, chat bodies, seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from policy_ir.testing.pools import numbers, pools, texts

if TYPE_CHECKING:
    from policy_ir.snapshot import Candidate

PROVIDERS = ("openai", "anthropic", "house")
FAMILIES = ("gpt-5.2", "claude", "llama")
SCOPES = (None, "team-a", "team-b")
CAPABILITIES = ("supports_tools", "supports_vision", "supports_json_mode", "supports_seed")
REGIONS = ("eu", "us", "apac")


def _observations(sort: str, minimum: float | None, maximum: float | None) -> st.SearchStrategy[Any]:
    match sort:
        case "num":
            return numbers(minimum, maximum)
        case "bool":
            return st.booleans()
        case "tag":
            return st.sampled_from(REGIONS)
        case _:
            return st.lists(st.sampled_from(REGIONS), max_size=3, unique=True)


def observations(*sources: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values for some of the fields of these sources; most are missing, and ties are frequent.

    Fields that show a candidate's own key or a capability of it are left out: the candidate says those itself.
    """
    from policy_ir.candidate import shows_capability
    from policy_ir.vocabulary.declarations import CANDIDATE_KEYS

    declared = {
        name: _observations(field.sort, field.minimum, field.maximum)
        for name, field in sorted(pools().fields.items())
        if field.source in sources and name not in CANDIDATE_KEYS and not shows_capability(field)
    }
    some = st.lists(st.sampled_from(list(declared)), max_size=8, unique=True)
    return some.flatmap(lambda names: st.fixed_dictionaries({name: declared[name] for name in names}))


def candidates(id: str | None = None) -> st.SearchStrategy[Candidate]:
    """One candidate, whose keys are few enough that candidates meet."""
    from policy_ir.snapshot import Candidate

    tiers = st.sampled_from((None, *pools().tiers, "undeclared"))
    return st.builds(
        Candidate,
        id=texts().filter(bool) if id is None else st.just(id),
        provider=st.sampled_from(PROVIDERS),
        family=st.sampled_from(FAMILIES),
        served_model=st.none() | st.sampled_from(FAMILIES),
        served_by=st.none() | st.sampled_from(("peer-1", *PROVIDERS)),
        tier=tiers,
        scope=st.sampled_from(SCOPES),
        capabilities=st.lists(st.sampled_from(CAPABILITIES), max_size=3, unique=True),
        fields=observations("catalogue", "state"),
    )


def catalogues(*, min_size: int = 0, max_size: int = 8) -> st.SearchStrategy[tuple[Candidate, ...]]:
    """Candidates with ids of their own, in catalogue order. Missing prices are infinite by default."""

    def named(size: int) -> st.SearchStrategy[tuple[Candidate, ...]]:
        order = st.permutations([f"m{place}" for place in range(size)])
        return order.flatmap(lambda ids: st.tuples(*(candidates(id) for id in ids)))

    return st.integers(min_size, max_size).flatmap(named)


def seeds() -> st.SearchStrategy[int | None]:
    """Seeds, and none."""
    edges = (0, 1, 2**31 - 1, 2**31 - 2, 2**31, 2**53 - 1)
    return st.one_of(st.none(), st.sampled_from(edges), st.integers(0, 2**53 - 1))


def facts_values() -> st.SearchStrategy[dict[str, Any]]:
    """Request facts as JSON values, each key present or not."""
    known = pools()
    optional: dict[str, st.SearchStrategy[Any]] = {
        "needs": st.lists(st.sampled_from(known.needs), max_size=3, unique=True),
        "min_context": st.sampled_from([0, 1, 16000, 200000]) | numbers(0.0),
        "model_family": st.sampled_from(FAMILIES),
        "tier": st.sampled_from(known.tiers),
        "privacy": st.sampled_from(["standard", "no_log", "tee_required"]),
        "min_tok_s": numbers(0.0, 1000.0),
        "scope": st.sampled_from(["team-a", "team-b"]),
        "fields": observations("request"),
    }
    return st.fixed_dictionaries({}, optional=optional)


def chat_bodies() -> st.SearchStrategy[dict[str, Any]]:
    """Request bodies in the manner of OpenAI's chat API, with text, images, tools and response formats."""
    part = st.one_of(
        texts().map(lambda text: {"type": "text", "text": text}),
        st.just({"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}),
        st.just({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
        st.just({"type": "file", "file": {"file_id": "f"}}),
    )
    message = st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant"]), "content": texts() | st.lists(part, max_size=3)}
    )
    tool = st.fixed_dictionaries({"name": texts().filter(bool), "parameters": st.just({"type": "object"})})
    tools = st.lists(tool.map(lambda function: {"type": "function", "function": function}), max_size=2)
    formats = st.sampled_from(
        [{"type": "text"}, {"type": "json_object"}, {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}]
    )
    return st.fixed_dictionaries(
        {"messages": st.lists(message, min_size=1, max_size=3)},
        optional={
            "tools": tools,
            "response_format": formats,
            "max_tokens": st.integers(1, 100000),
            "seed": st.integers(0, 2**31),
            "temperature": st.floats(0, 2),
        },
    )
