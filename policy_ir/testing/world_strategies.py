"""What a policy is decided over: candidates and catalogues, request facts, chat bodies, seeds."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from policy_ir.testing.pools import FAMILIES, PROVIDERS, numbers, standard, texts

if TYPE_CHECKING:
    from policy_ir.snapshot import Candidate
    from policy_ir.vocabulary import FieldDeclaration

SCOPES = (None, "team-a", "team-b")
CAPABILITIES = ("supports_tools", "supports_vision", "supports_json_mode", "supports_seed")
REGIONS = ("eu", "us", "apac")


USUAL = (1.0, 0.5, 2.0, 0.0, 16000.0)
"""Numbers that candidates share often enough to tie."""


def _values(declared: FieldDeclaration) -> st.SearchStrategy[Any]:
    """Observations of a field."""
    match declared.sort:
        case "num":
            usual = [number for number in USUAL if declared.admits(number)]
            return st.sampled_from(usual) | numbers(declared.minimum, declared.maximum)
        case "bool":
            return st.booleans()
        case "tag":
            return st.sampled_from(REGIONS)
        case _:
            return st.lists(st.sampled_from(REGIONS), max_size=3, unique=True)


@functools.cache
def _by_field(*sources: str) -> dict[str, st.SearchStrategy[Any]]:
    """The observations of the fields of these sources that a candidate, or a request, is asked for by name.

    A candidate's own keys and its capabilities are not among them, though fields may show those.
    """
    from policy_ir.candidate import shows_capability
    from policy_ir.vocabulary.declarations import CANDIDATE_KEYS

    return {
        name: _values(declared)
        for name, declared in standard().fields.items()
        if declared.source in sources and name not in CANDIDATE_KEYS and not shows_capability(declared)
    }


def observations(*sources: str) -> st.SearchStrategy[st.SearchStrategy[dict[str, Any]]]:
    """For a few fields of these sources, a strategy of observations of some of them."""
    values = _by_field(*sources)
    names = st.lists(st.sampled_from(list(values)), max_size=5, unique=True)
    return names.map(lambda chosen: st.fixed_dictionaries({}, optional={name: values[name] for name in chosen}))


def candidates(
    id: str | None = None, fields: st.SearchStrategy[dict[str, Any]] | None = None
) -> st.SearchStrategy[Candidate]:
    """One candidate, whose keys are few enough that candidates meet."""
    from policy_ir.snapshot import Candidate

    return st.builds(
        Candidate,
        id=texts().filter(bool) if id is None else st.just(id),
        provider=st.sampled_from(PROVIDERS),
        family=st.sampled_from(FAMILIES),
        served_model=st.none() | st.sampled_from(FAMILIES),
        served_by=st.none() | st.sampled_from(("peer-1", *PROVIDERS)),
        tier=st.sampled_from((None, *standard().tiers, "undeclared")),
        scope=st.sampled_from(SCOPES),
        capabilities=st.lists(st.sampled_from(CAPABILITIES), max_size=3, unique=True),
        fields=observations("catalogue", "state").flatmap(lambda some: some) if fields is None else fields,
    )


@st.composite
def catalogues(draw: st.DrawFn, *, min_size: int = 0, max_size: int = 8) -> tuple[Candidate, ...]:
    """Candidates with ids of their own, in catalogue order.

    They have observations of the same few fields, and each lacks about half of them. A missing price is infinite.
    """
    size = draw(st.integers(min_size, max_size))
    fields = draw(observations("catalogue", "state"))
    ids = draw(st.permutations([f"m{place}" for place in range(size)]))
    return tuple(draw(candidates(id, fields)) for id in ids)


def seeds() -> st.SearchStrategy[int | None]:
    """Seeds, and none."""
    edges = (0, 1, 2**31 - 1, 2**31 - 2, 2**31, 2**53 - 1)
    return st.one_of(st.none(), st.sampled_from(edges), st.integers(0, 2**53 - 1))


def facts_values() -> st.SearchStrategy[dict[str, Any]]:
    """Request facts as JSON values, each key present or not."""
    known = standard()
    optional: dict[str, st.SearchStrategy[Any]] = {
        "needs": st.lists(st.sampled_from(tuple(known.needs)), max_size=3, unique=True),
        "min_context": st.sampled_from([0, 1, 16000, 200000]) | numbers(0.0),
        "model_family": st.sampled_from(FAMILIES),
        "tier": st.sampled_from(known.tiers),
        "privacy": st.sampled_from(["standard", "no_log", "tee_required"]),
        "min_tok_s": numbers(0.0, 1000.0),
        "scope": st.sampled_from(["team-a", "team-b"]),
        "fields": observations("request").flatmap(lambda some: some),
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
