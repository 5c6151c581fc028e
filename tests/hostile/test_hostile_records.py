"""Facts, chat bodies, vocabularies, catalogues and floors: whatever the JSON is, it is read or it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from outcomes import refusal

from policy_ir.catalogs import load_catalog
from policy_ir.chat import facts_of_chat
from policy_ir.facts import read_facts
from policy_ir.floor import read_floor
from policy_ir.vocabulary import extend, vocabulary

STANDARD = vocabulary("standard")

JUNK: tuple[Any, ...] = (None, True, 0, -1, 1.5, 1e308, "", "x", "x" * 100_000, [], [[]], [None], [1], {}, {"": {}},
                         [[[[]]]], {"a": {"b": {"c": [1]}}}, 10**400, float("nan"), float("inf"), "\ud800")  # fmt: skip

FACTS: dict[str, Any] = {
    "needs": ["tools"],
    "min_context": 16000,
    "model_family": "x",
    "tier": "partner",
    "privacy": "no_log",
    "min_tok_s": 10,
    "scope": "s",
    "fields": {"budget_left": 1},
}
CHAT: dict[str, Any] = {
    "model": "x",
    "max_tokens": 100,
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "response_format": {"type": "json_object"},
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "x"}}]},
    ],
}
VOCABULARY: dict[str, Any] = {
    "vocabulary": 1,
    "name": "house",
    "extends": "standard",
    "fields": {"off": {"sort": "bool", "default": False, "unit": None, "source": "state", "about": "by hand"}},
    "params": {"style": {"sort": "string", "choices": ["a", "b"], "about": "style"}},
    "needs": {"speech": "supports_speech"},
    "recipes": ["RedactHouse"],
    "customs": {"stamp": "1"},
}
CATALOGUE: dict[str, Any] = {
    "catalog": 1,
    "vocabulary": "standard",
    "candidates": [
        {
            "id": "a/b",
            "provider": "a",
            "family": "b",
            "served_model": "b",
            "served_by": "a",
            "tier": "partner",
            "scope": None,
            "capabilities": ["supports_tools"],
            "fields": {"price_in": 1.75, "region": "us", "disabled": False},
        }
    ],
}
FLOOR: dict[str, Any] = {"filter": ["is", "no_log"], "mutate": ["clamp_param", "max_tokens", 1, 4096]}


def catalogue(value: Any, folder: Path) -> Any:
    path = folder / "catalogue.json"
    path.write_text(json.dumps(value), "utf-8")
    return load_catalog(path, STANDARD)


READERS: dict[str, tuple[Any, Callable[[Any, Path], Any]]] = {
    "facts": (FACTS, lambda value, _: read_facts(value, STANDARD)),
    "chat": (CHAT, lambda value, _: facts_of_chat(value, STANDARD)),
    "vocabulary": (VOCABULARY, lambda value, _: extend(STANDARD, value, "house")),
    "catalogue": (CATALOGUE, catalogue),
    "floor": (FLOOR, lambda value, _: read_floor(value)),
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, part in inner for deeper in places(part, (*path, key)))]


def at(value: Any, path: tuple[Any, ...], part: Any) -> Any:
    if not path:
        return part
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = at(value[path[0]], path[1:], part)
    return copy


@pytest.mark.parametrize("kind", READERS)
def test_the_sample_is_read(kind: str, tmp_path: Path) -> None:
    value, read = READERS[kind]
    read(value, tmp_path)


@pytest.mark.parametrize("kind", READERS)
def test_whatever_stands_at_whichever_place_it_is_read_or_refused(kind: str, tmp_path: Path) -> None:
    value, read = READERS[kind]
    refused = 0
    for path in places(value):
        for junk in JUNK:
            whole = at(value, path, junk)
            try:
                read(whole, tmp_path)
            except Exception:
                refused += bool(refusal(lambda whole=whole: read(whole, tmp_path)))
    assert refused > len(JUNK)


@pytest.mark.parametrize("kind", READERS)
def test_a_key_that_is_not_declared_is_not_ignored_except_in_a_chat_body(kind: str, tmp_path: Path) -> None:
    value, read = READERS[kind]
    whole = {**value, "no such key": 1}
    if kind == "chat":
        assert read(whole, tmp_path) == read(value, tmp_path)
    else:
        assert refusal(lambda: read(whole, tmp_path))
