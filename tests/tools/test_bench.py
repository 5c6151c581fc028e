"""The benchmark: worlds are the same each time, contenders answer as the machine does, and a run tells all."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from bench import __main__ as command
from bench import claims, contest, plot, table
from bench.calls import Calls
from bench.contenders import Contender, LeftOut
from bench.contenders.plain import Plain
from bench.results import Claim, Results, Row
from bench.tasks import TASKS, policy_json
from bench.timing import Times, interleave
from bench.worlds import World, rows, world
from rich.console import Console

from policy_ir.signature import subterms_of


@pytest.fixture(scope="module")
def worlds() -> dict[int, World]:
    return {size: world(size, rows(None)) for size in (10, 100)}


def test_a_world_is_the_same_each_time(worlds: dict[int, World]) -> None:
    again = world(100, rows(None))
    assert again.snapshot.fingerprint == worlds[100].snapshot.fingerprint
    assert again.needs.tolist() == worlds[100].needs.tolist()


def test_a_world_larger_than_its_list_repeats_rows_under_other_ids_with_other_numbers() -> None:
    source, real = rows(None)
    large = world(2 * len(real), (source, real))
    first = large.snapshot.index[real[0].id]
    again = large.snapshot.index[f"{real[0].id}#1"]
    assert large.provider[first] == large.provider[again]
    assert large.price_out[first] != large.price_out[again]


def test_no_state_comes_twice_and_calls_are_the_same_each_time(worlds: dict[int, World]) -> None:
    calls, again = (Calls(worlds[100], "B").take(20) for _ in range(2))
    assert len({call.latency_ms.tobytes() for call in calls}) == 20
    assert [call.latency_ms.tobytes() for call in calls] == [call.latency_ms.tobytes() for call in again]
    assert [call.facts for call in calls] == [call.facts for call in again]


def test_on_a_bad_day_no_candidate_of_a_cheap_provider_is_to_be_had(worlds: dict[int, World]) -> None:
    place = worlds[100]
    (call,) = Calls(place, "A", "bad").take(1)
    cheap = place.cheap_providers()
    assert cheap
    assert all(call.breaker_open[i] for i, provider in enumerate(place.provider) if provider in cheap)


def test_the_policy_a_has_27_nodes_and_a_filter_of_eleven_atoms() -> None:
    from bench.tasks import admitted

    def count(term: object) -> int:
        return 1 + sum(count(part) for part in subterms_of(term))  # type: ignore[arg-type]

    assert count(admitted("A").normal) == 27
    atoms = re.findall(r'"(meets_req|is|cmp|provider_eq|tier_eq)"', json.dumps(policy_json("A")[1]))
    assert len(atoms) == 11


@pytest.mark.parametrize("size", [10, 100])
@pytest.mark.parametrize(
    ("contender", "task"), [(one, task) for one in contest.CONTENDERS for task in TASKS if task in one.tasks]
)
def test_a_contender_gives_the_answers_of_the_machine(
    contender: type[Contender], size: int, task: str, worlds: dict[int, World]
) -> None:
    try:
        made = contender(worlds[size], task)  # type: ignore[call-arg]
    except LeftOut as reason:
        pytest.skip(str(reason))
    calls = [*Calls(worlds[size], task).take(6), *Calls(worlds[size], task, "bad").take(6)]
    assert 0 < contest.check([made], worlds[size], task, calls) < 1


class Wrong(Plain):
    """Always the first candidate."""

    name = "wrong"

    def __init__(self, world: World, task: str) -> None:
        super().__init__(world, task)
        self.decide = lambda request, state: 0


def test_a_contender_that_decides_otherwise_ends_the_measurement(worlds: dict[int, World]) -> None:
    place = worlds[100]
    calls = Calls(place, "A").take(3)
    with pytest.raises(AssertionError, match="wrong decides A over 100 otherwise than the machine"):
        contest.check([Wrong(place, "A")], place, "A", calls)
    with pytest.raises(AssertionError, match="decides otherwise"):
        interleave([Plain(place, "A"), Wrong(place, "A")], Calls(place, "A"), 1, 4)


def test_the_first_call_of_a_block_is_kept_apart(worlds: dict[int, World]) -> None:
    times = interleave([Plain(worlds[10], "A")], Calls(worlds[10], "A"), 3, 4)
    assert (len(times[Plain.name].samples), len(times[Plain.name].first)) == (12, 3)


def test_at_most_one_call_in_a_hundred_takes_longer_than_the_p99() -> None:
    assert Times(tuple(range(1, 101))).p99 == 99
    assert Times(tuple(range(1, 100))).p99 == 99
    assert Times((5, 1, 3)).median == 3
    assert Times((1, 2), first=(9,)).p99_of_all == 9


def row(contender: str, size: int, median: float, p99: float = 1.0, day: str = "good") -> Row:
    return Row(
        task="A", day=day, size=size, contender=contender, median_ns=median, p99_ns=p99, p99_of_all_ns=p99, calls=100
    )


def test_a_promise_is_a_ratio_of_what_one_run_measured() -> None:
    results = Results(rows=[row("plain Python", 10, 2000.0), row("policy-ir, warm", 10, 2100.0, 9000.0)])
    found = {claim.text: claim for claim in claims.claims(results)}
    slower = found["A, N=10: policy-ir, warm against plain Python"]
    assert (slower.figure, slower.bound, slower.holds, slower.binding) == (1.05, 1.0, False, True)
    tail = found["A, N=10: p99 of policy-ir, warm against its median"]
    assert tail.holds
    assert not any("NumPy" in text for text in found)


def test_a_bad_day_is_reported_and_fails_nothing() -> None:
    results = Results(rows=[row("plain Python", 10, 1.0, day="bad"), row("policy-ir, warm", 10, 9.0, day="bad")])
    assert not any(claim.binding for claim in claims.claims(results))


def test_yardsticks_must_be_quick_enough() -> None:
    results = Results(rows=[row("plain Python", 2500, 300.0), row("NumPy", 2500, 50.0)])
    (claim, *_) = claims.claims(results)
    assert (claim.at_least, claim.holds) == (True, False)


def test_a_table_shows_medians_and_ratios_and_what_does_not_hold() -> None:
    results = Results(
        rows=[row("plain Python", 2500, 300_000.0), row("NumPy", 2500, 20_000.0)],
        claims=[Claim(text="quick", figure=2.0, bound=1.0), Claim(text="slow", figure=2.0, bound=1.0, binding=False)],
    )
    console = Console(width=140, record=True, file=StringIO())
    for one in table.tables(results):
        console.print(one)
    text = console.export_text()
    assert re.search(r"2,500 │ NumPy +│ +20\.00 │ +0\.00 │ +0\.00 │ +0\.0667 │ +1 │", text)
    assert re.search(r"quick +│ +2 x │ at most 1 x │ no ", text)
    assert re.search(r"slow +│ +2 x │ at most 1 x │ no, and need not", text)


def test_a_quick_run_writes_its_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--quick", "--sizes", "10", "--tasks", "A", "--days", "good", "--only", "decide,costs"]
    assert command.main([*words, "--into", str(tmp_path)]) == 0
    written = json.loads((tmp_path / "result.json").read_text("utf-8"))
    measured = {entry["contender"] for entry in written["rows"]}
    assert {"plain Python", "NumPy", "policy-ir, warm", "policy-ir, all read"} <= measured
    assert any(cost["name"] == "overlay of four columns, N=10" for cost in written["costs"])
    assert "promises" in capsys.readouterr().out


def test_a_part_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--only", "decide,fast"])
    assert "fast: not among decide, costs, load, memory, imports" in capsys.readouterr().err


def test_a_plot_is_drawn_for_each_task_and_day(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    results = Results(rows=[row("NumPy", 10, 5.0), row("NumPy", 100, 9.0), row("NumPy", 10, 5.0, day="bad")])
    drawn = list(plot.draw(results, tmp_path))
    assert [path.name for path in drawn] == ["decide-A-good.svg", "decide-A-bad.svg"]
    assert all("<svg" in path.read_text("utf-8") for path in drawn)
