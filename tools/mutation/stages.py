"""The stages of a run: making mutants, asking the vectors, asking the tests. Each keeps what it finds."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mutation.explained import Explanations
from mutation.places import BUILD, CORE, ROOT, UNSEEN, files_of, module_of, read_lines, speaking, write_lines
from mutation.reach import REACH, VECTORS, Reach

BY_VECTORS: Final = BUILD / "by-vectors.jsonl"
BY_TESTS: Final = BUILD / "by-tests.jsonl"


def forget() -> None:
    """Remove everything that is kept."""
    shutil.rmtree(BUILD, ignore_errors=True)


def make(rooms: Sequence[str]) -> list[dict[str, Any]]:
    """The mutants of these modules and packages; those of a file are made again when the file has changed."""
    from mutation.words import Words

    words, mutants = None, []
    for file in (file for room in rooms for file in files_of(room)):
        kept = BUILD / "mutants" / f"{module_of(file)}.jsonl"
        own = _digest(file, Path(__file__).parent / "mutants.py", Path(__file__).parent / "words.py")
        made = list(read_lines(kept))
        if not made or made[0] != {"of": own}:
            from mutation.mutants import mutants_of

            words = words or Words([*speaking(), *(file for room in UNSEEN for file in files_of(room))])
            made = [{"of": own}, *mutants_of(file, words)]
            write_lines(kept, made)
        mutants += made[1:]
    _say(f"{len(mutants)} mutants")
    return mutants


def ask_vectors(mutants: list[dict[str, Any]], workers: int) -> None:
    """Ask the vectors about the mutants that no vector of the present suite is known to kill."""
    _python("-m", "mutation.reach")
    vectors = {vector["id"]: vector["digest"] for vector in read_lines(VECTORS)}
    suite = hashlib.sha256(json.dumps(vectors, sort_keys=True).encode()).hexdigest()[:12]
    reach = Reach(json.loads(REACH.read_text("utf-8")))
    known, lived = {}, {}
    for result in read_lines(BY_VECTORS):
        if not result["killed"]:
            lived[result["key"]] = result
        elif vectors.get(result["by"]) == result["digest"]:
            known[result["key"]] = result
    asked = _asked(suite, list(vectors.values()))
    digests = list(vectors.values())
    explanations = Explanations()
    tasks: dict[str, list[dict[str, Any]]] = {"cold": [], "imported": [], "warm": []}
    for mutant in mutants:
        if mutant["key"] in known or mutant["room"] in UNSEEN:
            continue
        if not mutant["words"] and explanations.of(mutant, killed=True) is None:
            before = lived.get(mutant["key"])
            phase, numbers = reach.phase(mutant), reach.vectors(mutant)
            if phase == "cold":  # what runs on import reaches everything
                numbers = range(len(vectors))
            reached = len(numbers)
            if before is not None:
                numbers = [number for number in numbers if digests[number] not in asked.get(before["suite"], ())]
            if numbers:
                tasks[phase].append({**mutant, "vectors": list(numbers)})
            if before is not None or not reached:
                old = suite if not numbers or before is None else before["suite"]
                known[mutant["key"]] = {
                    "key": mutant["key"],
                    "killed": False,
                    "by": None,
                    "suite": old,
                    "asked": reached,
                }
    write_lines(BY_VECTORS, known.values())
    for phase, todo in tasks.items():
        _say(f"{len(todo)} mutants to ask the vectors about, in processes that are {phase}")
        for result in _worked("mutation.worker", [phase], todo, workers):
            digest = vectors.get(result["by"] or "")
            with BY_VECTORS.open("a", encoding="utf-8") as file:
                print(json.dumps({**result, "digest": digest, "suite": suite}), file=file)


def _asked(suite: str, digests: list[str]) -> dict[str, frozenset[str]]:
    """The digests of the vectors of each suite that was asked before; notes those of this one."""
    folder = BUILD / "suites"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{suite}.json").write_text(json.dumps(digests))
    return {file.stem: frozenset(json.loads(file.read_text())) for file in folder.glob("*.json")}


def ask_tests(mutants: list[dict[str, Any]], workers: int) -> None:
    """Ask the tests about the mutants that the vectors let live, first about those that a vector should have killed."""
    dead = {result["key"] for result in read_lines(BY_VECTORS) if result["killed"]}
    known = {result["key"] for result in read_lines(BY_TESTS)}
    todo = [mutant for mutant in mutants if mutant["key"] not in dead | known]
    explanations = Explanations()
    todo.sort(key=lambda mutant: (mutant["words"], explanations.of(mutant, killed=False) is not None))
    if not todo:
        return
    _say(f"{len(todo)} mutants to ask the tests about")
    core = _digest(*(file for room in (*CORE, *UNSEEN) for file in files_of(room)))
    measured = BUILD / "tests.of"
    if not measured.exists() or measured.read_text() != core:
        _python("-m", "mutation.under_test", "measure")
        measured.write_text(core)
    for result in _worked("mutation.under_test", ["run"], todo, workers):
        with BY_TESTS.open("a", encoding="utf-8") as file:
            print(json.dumps(result), file=file)


def _worked(module: str, arguments: list[str], tasks: list[dict[str, Any]], workers: int) -> Any:
    """The results of worker processes for these tasks, as they come."""
    if not tasks:
        return
    running, begun, done = [], time.monotonic(), 0
    for number in range(min(workers, len(tasks))):
        mine, results = BUILD / f"tasks-{number}.jsonl", BUILD / f"results-{number}.jsonl"
        write_lines(mine, tasks[number::workers])
        results.write_text("")
        process = subprocess.Popen([sys.executable, "-m", module, *arguments, str(mine), str(results)], cwd=ROOT)
        running.append((process, results.open(encoding="utf-8")))
    while running:
        ended = [process.poll() is not None for process, _ in running]
        for _, results in running:
            position = results.tell()
            for line in iter(results.readline, ""):
                if not line.endswith("\n"):
                    results.seek(position)
                    break
                position = results.tell()
                done += 1
                yield json.loads(line)
                if done % 500 == 0:
                    _say(f"{done} of {len(tasks)} after {time.monotonic() - begun:.0f} s")
        over = [process for (process, _), is_over in zip(running, ended, strict=True) if is_over]
        if failed := [process.args for process in over if process.returncode]:
            raise RuntimeError(f"a worker ended early: {failed}")
        running = [pair for pair in running if pair[0] not in over]
        time.sleep(0.2)
    _say(f"{done} of {len(tasks)} after {time.monotonic() - begun:.0f} s")


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True)


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _say(line: str) -> None:
    print(f"mutation: {line}", file=sys.stderr, flush=True)


assert os.name == "posix", "mutants run in forks"
