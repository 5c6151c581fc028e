"""Polars: the filter and the score as expressions over a frame; the state joins as three columns without copying."""

from __future__ import annotations

from typing import Any

from bench.calls import Call
from bench.contenders import Contender, LeftOut
from bench.tasks import BENCH, CONTEXT, NEEDS, PRICE, PROVIDERS, TIER
from bench.worlds import World

try:
    import polars as pl
except ImportError:
    pl = None  # type: ignore[assignment]


class Frames(Contender):
    """Eager: a select of the survivors, then one of the score, which is quicker here than a lazy plan."""

    name = "Polars"
    tasks = "A"
    each = 4

    def __init__(self, world: World, task: str) -> None:
        if pl is None:
            raise LeftOut("polars is not installed")
        self.frame = pl.DataFrame(
            {
                "row": range(world.size),
                "context": world.context,
                "price": world.price_out,
                "bench": world.bench,
                "provider": pl.Series(world.provider, dtype=pl.Categorical),
                "tier": pl.Series(world.tier, dtype=pl.Categorical),
                **{need: (world.needs >> bit & 1).astype(bool) for bit, need in enumerate(NEEDS)},
            }
        )
        self.needs = tuple(NEEDS)
        price, context = pl.col("price"), pl.col("context")
        self.score = 0.7 * (1.0 - _normal(price)) + 0.3 * _normal(context)
        self.always = (
            ~pl.col("disabled")
            & ~pl.col("breaker")
            & (context >= CONTEXT)
            & (price <= PRICE)
            & (pl.col("bench") >= BENCH)
            & (pl.col("provider").is_in(list(PROVIDERS)) | (pl.col("tier") == TIER))
        )

    def request(self, call: Call) -> Any:
        return [pl.col(need) for bit, need in enumerate(self.needs) if call.needs >> bit & 1]

    def state(self, call: Call) -> Any:
        return [pl.Series("disabled", call.disabled), pl.Series("breaker", call.breaker_open)]

    def decide(self, request: Any, state: Any) -> int:
        kept = self.frame.with_columns(state).filter(self.always, *request)
        if not kept.height:
            return -1
        best = kept.select(self.score).to_series().arg_max()
        return int(kept["row"][best])


def _normal(column: Any) -> Any:
    span = column.max() - column.min()
    return pl.when(span > 0).then((column - column.min()) / span).otherwise(0.0)
