"""Medians against the number of candidates, log-log, one picture for each task and day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.contenders import LeftOut
from bench.results import Results


def draw(results: Results, folder: Path) -> Iterator[Path]:
    """Writes `decide-A-good.svg` and so on. Raises `LeftOut` without matplotlib."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise LeftOut("the plots: matplotlib is not installed") from None
    mpl.rcParams["svg.hashsalt"] = "policy-ir"
    folder.mkdir(parents=True, exist_ok=True)
    for task, day in dict.fromkeys((row.task, row.day) for row in results.rows):
        figure = Figure(figsize=(8, 5.5), layout="constrained")
        axes = figure.subplots()
        rows = [row for row in results.rows if (row.task, row.day) == (task, day)]
        for at, name in enumerate(dict.fromkeys(row.contender for row in rows)):
            own = [row for row in rows if row.contender == name]
            axes.plot(
                [row.size for row in own],
                [row.median_ns / 1000 for row in own],
                label=name,
                color=f"C{at % 10}",
                marker="o" if name.startswith("policy-ir") else ".",
                linestyle="-" if name.startswith("policy-ir") else "--",
            )
        axes.set(xscale="log", yscale="log", xlabel="candidates", ylabel="median of a call, µs")
        axes.set_title(f"decide {task}, {day} day")
        axes.grid(which="both", alpha=0.25)
        axes.legend(fontsize="small")
        path = folder / f"decide-{task}-{day}.svg"
        figure.savefig(path, metadata={"Date": None})
        yield path
