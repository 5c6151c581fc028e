"""The promises, as ratios of medians of one run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.contenders.arrays import Arrays, ArraysReading
from bench.contenders.compiled import Order, Winner
from bench.contenders.evaluator import Cold, ColdShape, NewBounds, Reading, Warm
from bench.contenders.plain import Plain
from bench.results import Claim, Results
from bench.tasks import TASKS
from bench.worlds import SIZES

ABOUT: Final = 0.8
"""What `about` leaves open: another machine, another interpreter."""

_LARGE: Final = (2500, 20000)
_FROM_100: Final = tuple(size for size in SIZES if size >= 100)


def claims(results: Results) -> Iterator[Claim]:
    """Every promise of which both sides were measured."""
    yield from _yardsticks(results)
    for day in ("good", "bad"):
        for task in TASKS:
            yield from _warm(results, task, day)
            yield from _cold(results, task, day)
            yield from _tail(results, task, day)
            yield from _reading(results, task, day)
    yield from _costs(results)


def _ratio(
    results: Results,
    task: str,
    day: str,
    size: int,
    of: str,
    to: str,
    bound: float,
    *,
    at_least: bool = False,
    binding: bool = True,
) -> Iterator[Claim]:
    own, other = results.row(task, day, size, of), results.row(task, day, size, to)
    if own is not None and other is not None:
        text = f"{task}, N={size:,}: {of} against {to}" + (", bad day" if day == "bad" else "")
        figure = own.median_ns / other.median_ns
        yield Claim(text=text, figure=figure, bound=bound, at_least=at_least, binding=binding and day == "good")


def _yardsticks(results: Results) -> Iterator[Claim]:
    """The yardsticks are honest."""
    yield from _ratio(results, "A", "good", 2500, Plain.name, Arrays.name, 14 * ABOUT, at_least=True)
    yield from _ratio(results, "A", "good", 2500, Plain.name, Order.name, 50 * ABOUT, at_least=True)
    for name, bound in ((Plain.name, 3.0), (Arrays.name, 20.0)):
        if row := results.row("A", "good", 10, name):
            yield Claim(
                text=f"A, N=10: {name}", figure=row.median_ns / 1000, bound=bound / ABOUT, unit="us", binding=False
            )


def _warm(results: Results, task: str, day: str) -> Iterator[Claim]:
    name = Warm.name
    if task == "A":
        yield from _ratio(results, task, day, 10, name, Plain.name, 1.0)
    for size in _FROM_100:
        yield from _ratio(results, task, day, size, name, Arrays.name, 0.1 if task == "A" else 0.5)
    if task == "A":
        for size in _LARGE:
            yield from _ratio(results, task, day, size, name, Winner.name, 1.0)
    else:
        yield from _ratio(results, task, day, 2500, name, Order.name, 1.5)


def _cold(results: Results, task: str, day: str) -> Iterator[Claim]:
    # That both come at once is reported, and bound by nothing: no promise was made of it.
    for name in (NewBounds.name, ColdShape.name, Cold.name):
        promised = name != Cold.name
        yield from _ratio(results, task, day, 10, name, Plain.name, 5.0, binding=promised)
        for size in _FROM_100:
            yield from _ratio(results, task, day, size, name, Arrays.name, 1.0, binding=promised)
        for size in _LARGE:
            yield from _ratio(results, task, day, size, name, Order.name, 3.0, binding=promised)


def _tail(results: Results, task: str, day: str) -> Iterator[Claim]:
    for size in SIZES:
        row = results.row(task, day, size, Warm.name)
        if row is not None and size <= 2500:
            text = f"{task}, N={size:,}: p99 of {Warm.name} against its median" + (", bad day" if day == "bad" else "")
            yield Claim(text=text, figure=row.p99_ns / row.median_ns, bound=8.0, binding=day == "good")
            first = f"{text}, first calls of blocks counted"
            yield Claim(text=first, figure=row.p99_of_all_ns / row.median_ns, bound=8.0, binding=False)


def _reading(results: Results, task: str, day: str) -> Iterator[Claim]:
    for size in _FROM_100:
        yield from _ratio(results, task, day, size, Reading.name, ArraysReading.name, 1.2)


_COSTS: Final = (
    ("load of 27 nodes", "json.loads of 27 nodes", 12.0),
    ("load of 4096 nodes", "json.loads of 4096 nodes", 12.0),
    ("load of the known bytes of 27 nodes", "blake3 of the bytes of 27 nodes", 2.0),
    ("load of the known bytes of 4096 nodes", "blake3 of the bytes of 4096 nodes", 2.0),
    ("top_k(8, sample(4)), N=20,000", "argmax, N=20,000", 5.0),
)


def _costs(results: Results) -> Iterator[Claim]:
    for of, to, bound in _COSTS:
        own, other = results.cost(of), results.cost(to)
        if own is not None and other is not None:
            yield Claim(text=f"{of} against {to}", figure=own.figure / other.figure, bound=bound)
    for cost in results.costs:
        if cost.unit == "MB":
            yield Claim(text=cost.name, figure=cost.figure, bound=25.0, unit=cost.unit)
    if (package := results.cost("import policy_ir")) and package.loads is not None:
        loaded = len({"numpy", "lark"} & set(package.loads))
        yield Claim(text="libraries that `import policy_ir` loads, of NumPy and Lark", figure=loaded, bound=0, unit="")
