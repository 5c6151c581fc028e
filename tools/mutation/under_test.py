"""Runs the tests against mutants: `python -m mutation.under_test measure`, then `... run TASKS RESULTS`.

The tests are collected once; for each mutant a fork runs those that take a line of what is changed, quick ones first,
until one fails. Mutants of functions that run while tests are collected need a process of their own, which imports the
mutant and runs the files of those tests.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from mutation.places import BUILD, CORE, ROOT, UNSEEN, files_of, module_of, read_lines
from mutation.swap import replace_on_import, swap

TESTS: Final = BUILD / "tests.json"
ARGUMENTS: Final = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", f"--rootdir={ROOT}"]
LATE: Final = 30.0


class Measuring:
    """Notes which lines of the core each test takes, how long it takes, and whether it passes."""

    def __init__(self) -> None:
        import coverage

        files = [str(file) for room in (*CORE, *UNSEEN) for file in files_of(room)]
        self.coverage = coverage.Coverage(data_file=None, config_file=False, include=files)
        self.tests: list[dict[str, Any]] = []

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(f"t{len(self.tests)}")
        self.tests.append({"id": item.nodeid, "seconds": 0.0, "passes": True})
        yield

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.tests[-1]["seconds"] += report.duration
        self.tests[-1]["passes"] &= not report.failed

    def write(self) -> None:
        """Write what was noted."""
        data, lines, early = self.coverage.get_data(), {}, {}
        for file in (file for room in (*CORE, *UNSEEN) for file in files_of(room)):
            by_line = data.contexts_by_lineno(str(file))
            lines[module_of(file)] = {
                n: sorted(int(c[1:]) for c in found if c[:1] == "t") for n, found in by_line.items()
            }
            early[module_of(file)] = [line for line, found in by_line.items() if "collect" in found]
        TESTS.write_text(json.dumps({"tests": self.tests, "lines": lines, "early": early}), "utf-8")


def measure() -> int:
    """Run all tests once; writes what each reaches."""
    measuring = Measuring()
    measuring.coverage.start()
    measuring.coverage.switch_context("collect")
    ended = pytest.main(ARGUMENTS, plugins=[measuring])
    measuring.coverage.stop()
    measuring.write()
    return int(ended not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED))


class Running:
    """Runs mutants in place of the collected tests."""

    def __init__(self, tasks: list[dict[str, Any]], results: Path) -> None:
        self.known = json.loads(TESTS.read_text("utf-8"))
        self.tasks, self.results = tasks, results

    def reached(self, mutant: dict[str, Any]) -> list[dict[str, Any]]:
        """The passing tests that take a line of what is changed, quick ones first."""
        lines, (first, last) = self.known["lines"].get(mutant["module"], {}), mutant["lines"]
        numbers = {number for line in range(first, last + 1) for number in lines.get(str(line), ())}
        tests = [self.known["tests"][number] for number in numbers]
        return sorted((test for test in tests if test["passes"]), key=lambda test: (test["seconds"], test["id"]))

    def is_early(self, mutant: dict[str, Any]) -> bool:
        """Whether the function runs while tests are collected."""
        body = range(mutant["start"] + 1, mutant["end"] + 1)
        return not set(self.known["early"].get(mutant["module"], ())).isdisjoint(body)

    def files(self, mutant: dict[str, Any]) -> list[str]:
        """The files of tests that take any line of the module, those that take most of its lines first."""
        weight: dict[str, int] = {}
        for numbers in self.known["lines"].get(mutant["module"], {}).values():
            for number in numbers:
                file = self.known["tests"][number]["id"].partition("::")[0]
                weight[file] = weight.get(file, 0) + 1
        return sorted(weight, key=lambda file: (-weight[file], file))[:12]

    def alone(self, mutant: dict[str, Any]) -> str | None:
        """What killed a mutant that is there before the tests are imported."""
        failed = [test["id"] for test in self.known["tests"] if not test["passes"]]

        def inside() -> str | None:
            replace_on_import(mutant)
            deselected = [f"--deselect={test}" for test in failed]
            return "import" if pytest.main([*ARGUMENTS, "-x", *deselected, *self.files(mutant)]) else None

        return _forked(inside, 300.0) if self.files(mutant) else None

    def run_early(self) -> None:
        """The mutants that need a process of their own."""
        for mutant in self.tasks:
            if self.is_early(mutant):
                self.tell(mutant, self.alone(mutant))

    def tell(self, mutant: dict[str, Any], by: str | None) -> None:
        """Write what came of a mutant."""
        with self.results.open("a", encoding="utf-8") as out:
            print(json.dumps({"key": mutant["key"], "killed": by is not None, "by": by}), file=out)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        from _pytest.runner import runtestprotocol

        items = {item.nodeid: item for item in session.items}
        for mutant in (mutant for mutant in self.tasks if not self.is_early(mutant)):
            tests = self.reached(mutant)

            def inside(mutant: dict[str, Any] = mutant, tests: list[dict[str, Any]] = tests) -> str | None:
                swap(mutant)
                for test in (test for test in tests if test["id"] in items):
                    signal.setitimer(signal.ITIMER_PROF, LATE + 20 * test["seconds"])
                    if any(report.failed for report in runtestprotocol(items[test["id"]], log=False, nextitem=None)):
                        return str(test["id"])
                return None

            self.tell(mutant, _forked(inside, 600.0) if tests else None)
        return True


def _forked(work: Any, seconds: float) -> str | None:
    """What a function returns in a fork; `time` if the fork was ended by a signal, `error` if it raised."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        told = "error"
        try:
            told = work() or ""
        finally:
            os.write(writing, f"={told}".encode()[:4000])
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return (told[1:] or None) if told else "time"


def main() -> int:
    os.environ["CI"] = "1"  # the same examples each time
    os.chdir(ROOT)
    if sys.argv[1] == "measure":
        return measure()
    running = Running(list(read_lines(Path(sys.argv[2]))), Path(sys.argv[3]))
    running.run_early()
    ended = pytest.main([*ARGUMENTS, "-s"], plugins=[running])
    return int(ended not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED))


if __name__ == "__main__":
    sys.exit(main())
