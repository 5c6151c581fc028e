"""Worlds: snapshots of real price lists at several sizes, and what hand-written contenders know of them.

The rows are those of LiteLLM's price file that have prices and a context, or, without the file, those of the shipped
catalogue. A world that is larger than its list repeats the rows with other numbers. Lists say nothing of benchmarks
and tiers: both are made up here, from a seed, so a world is the same wherever it is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from bench.tasks import CONTEXT, NEEDS, PRICE, PROVIDERS
from policy_ir import Candidate, Snapshot, get_vocabulary, import_catalog, shipped_catalog
from policy_ir.snapshot import CandidateList

SIZES: Final = (10, 100, 400, 2500, 20000)
SEED: Final = 20261101

_NUMBERS: Final = ("price_in", "price_out", "context")
_MAKERS: Final = frozenset(
    {
        "ai21",
        "anthropic",
        "azure",
        "cohere",
        "deepseek",
        "gemini",
        "google",
        "meta_llama",
        "mistral",
        "moonshot",
        "openai",
        "vertex_ai",
        "vertex_ai-anthropic_models",
        "vertex_ai-language-models",
        "xai",
        "zai",
    }
)
"""Providers whose models are of the tier `partner` here; those of all others are of the tier `marketplace`."""

Floats = NDArray[np.float64]


@attrs.frozen(eq=False, kw_only=True)
class World:
    """A snapshot, and its columns in the plainest form: arrays of numbers, lists of names.

    `needs` has for each candidate a bit for each of `tasks.NEEDS` that it answers.
    """

    snapshot: Snapshot
    source: str
    price_in: Floats
    price_out: Floats
    context: Floats
    bench: Floats
    provider: tuple[str, ...]
    tier: tuple[str, ...]
    needs: NDArray[np.uint8]

    @property
    def size(self) -> int:
        return self.snapshot.size

    def cheap_providers(self) -> frozenset[str]:
        """The cheapest third of the providers, and of those that the policies admit, since others would not be missed.

        What counts is the median price of their output.
        """
        prices: dict[str, list[float]] = {}
        for provider, price in zip(self.provider, self.price_out, strict=True):
            prices.setdefault(provider, []).append(float(price))
        by_price = sorted(prices, key=lambda name: (float(np.median(prices[name])), name))
        admitted = [name for name in by_price if name in PROVIDERS or name in _MAKERS]
        return frozenset([*by_price[: len(by_price) // 3], *admitted[: len(admitted) // 3]])


def rows(prices: Path | None) -> tuple[str, tuple[Candidate, ...]]:
    """Where the rows come from, and the candidates that have prices and a context, in the order of their ids."""
    vocabulary = get_vocabulary("standard")
    if prices is None:
        source, listed = "the shipped catalogue", tuple(shipped_catalog().candidates(vocabulary))
    else:
        source, listed = prices.name, import_catalog(prices.read_text("utf-8"), vocabulary, form="litellm").candidates
    return source, tuple(one for one in listed if all(name in one.fields for name in _NUMBERS))


def world(size: int, listed: tuple[str, Sequence[Candidate]]) -> World:
    """The world of a size; `listed` is what `rows` gives."""
    source, real = listed
    rng = np.random.default_rng([SEED, size])
    chosen = _choice(real, size, rng)
    candidates = [_completed(real[at], real[at].id, rng, 1.0) for at in chosen]
    while len(candidates) < size:
        again = real[len(candidates) % len(real)]
        jitter = float(np.exp(rng.normal(0.0, 0.25)))
        candidates.append(_completed(again, f"{again.id}#{len(candidates) // len(real)}", rng, jitter))
    snapshot = Snapshot.take(CandidateList(candidates), get_vocabulary("standard"))
    return World(
        snapshot=snapshot,
        source=source,
        provider=tuple(one.provider for one in candidates),
        tier=tuple(str(one.tier) for one in candidates),
        needs=np.array([_needs(one) for one in candidates], dtype=np.uint8),
        bench=np.array(snapshot.column("bench_coding").values, dtype=np.float64),
        **{name: np.array(snapshot.column(name).values, dtype=np.float64) for name in _NUMBERS},
    )


def _choice(real: Sequence[Candidate], size: int, rng: np.random.Generator) -> list[int]:
    """Rows in the order of the list, three quarters of them such as the policies admit, if there are so many.

    A host lists what it means to use: with rows of the whole market nobody would be left in a small world.
    """
    shuffled = [int(at) for at in rng.permutation(len(real))]
    fit = [at for at in shuffled if _fits(real[at])][: -(-3 * size // 4)]
    taken = set(fit)
    rest = [at for at in shuffled if at not in taken]
    return sorted([*fit, *rest[: size - len(fit)]])


def _fits(one: Candidate) -> bool:
    admitted = one.provider in PROVIDERS or one.provider in _MAKERS
    return admitted and _number(one, "price_out") <= PRICE and _number(one, "context") >= CONTEXT


def _completed(one: Candidate, name: str, rng: np.random.Generator, jitter: float) -> Candidate:
    """A candidate with the columns that price lists lack, and with its numbers times `jitter`."""
    made = {
        "price_in": _number(one, "price_in") * jitter,
        "price_out": _number(one, "price_out") * jitter,
        "context": float(max(1, round(_number(one, "context") * jitter))),
        "bench_coding": round(rng.beta(3, 3), 3),
    }
    tier = "partner" if one.provider in _MAKERS else "marketplace"
    return attrs.evolve(one, id=name, tier=tier, fields={**one.fields, **made})


def _number(one: Candidate, field: str) -> float:
    return float(one.fields[field])  # type: ignore[arg-type]


def _needs(one: Candidate) -> int:
    return sum(1 << bit for bit, capability in enumerate(NEEDS.values()) if capability in one.capabilities)
