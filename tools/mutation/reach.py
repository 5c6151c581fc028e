"""Which lines of the core each vector takes, and which run on import or while caches fill; and what each vector costs.

A process of its own measures it, with coverage's contexts: `python -m mutation.reach`.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from mutation.places import BUILD, CORE, files_of, module_of, write_lines

VECTORS: Final = BUILD / "vectors.jsonl"
REACH: Final = BUILD / "reach.json"

EAGER: Final = ("policy_ir.conformance.subject", "policy_ir.conformance.compare", "policy_ir.conformance.suite")


def import_all() -> None:
    """Import the core and what asks it, so that nothing is left to be imported on first use."""
    for name in (*(module_of(file) for room in CORE for file in files_of(room)), *EAGER):
        importlib.import_module(name)


def warm_up() -> None:
    """Fill the caches that are costly to fill: the tables of the parser, and the shipped vocabularies."""
    from policy_ir.syntax.authoring.grammar import grammar
    from policy_ir.vocabulary import vocabulary

    grammar()
    vocabulary("standard")


def measure() -> dict[str, Any]:
    """Measure all vectors of the suite; writes them and what they reach."""
    import coverage

    measured = coverage.Coverage(
        data_file=None, config_file=False, include=[str(file) for room in CORE for file in files_of(room)]
    )
    measured.start()
    measured.switch_context("import")
    import_all()
    from policy_ir.conformance import subject, suite
    from policy_ir.conformance.compare import difference

    measured.switch_context("warm")
    warm_up()
    vectors = []
    for vector in suite.load_suite().vectors:
        record = {"id": vector.id, "kind": vector.kind, "request": vector.request(), "expect": dict(vector.expect)}
        record["digest"] = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:12]
        measured.switch_context(f"v{len(vectors)}")
        if difference(vector.expect, subject.answer(vector.kind, record["request"]), "all") is None:
            vectors.append(record)
        else:  # it would kill every mutant
            print(f"mutation: {vector.id} fails as it is, and is left out", file=sys.stderr)
    measured.stop()
    for record in vectors:
        begun = time.process_time()
        subject.answer(record["kind"], record["request"])
        record["seconds"] = round(time.process_time() - begun, 6)
    reach: dict[str, Any] = {"import": {}, "warm": {}, "lines": {}}
    data = measured.get_data()
    for room in CORE:
        for file in files_of(room):
            module, lines = module_of(file), {}
            for line, contexts in data.contexts_by_lineno(str(file)).items():
                lines[line] = sorted(int(context[1:]) for context in contexts if context[:1] == "v")
                for phase in ("import", "warm"):
                    if phase in contexts:
                        reach[phase].setdefault(module, []).append(line)
            reach["lines"][module] = lines
    write_lines(VECTORS, vectors)
    REACH.write_text(json.dumps(reach), "utf-8")
    return reach


class Reach:
    """What was measured: the vectors that take a line, and what a process may have done before a mutant is there."""

    def __init__(self, measured: dict[str, Any]) -> None:
        self._lines = {
            module: {int(line): vectors for line, vectors in lines.items()}
            for module, lines in measured["lines"].items()
        }
        self._early = {
            phase: {module: set(lines) for module, lines in measured[phase].items()} for phase in ("import", "warm")
        }

    def vectors(self, mutant: dict[str, Any]) -> Sequence[int]:
        """The numbers of the vectors that take a line of the statement that is changed, in order.

        A default is taken by any call, while its own line is taken on import only.
        """
        lines, (first, last) = self._lines.get(mutant["module"], {}), mutant["lines"]
        if first <= mutant["start"]:
            last = mutant["end"]
        return sorted({vector for line in range(first, last + 1) for vector in lines.get(line, ())})

    def phase(self, mutant: dict[str, Any]) -> str:
        """`cold` where the function runs on import, `imported` where it runs while caches fill, else `warm`."""
        body = range(mutant["start"] + 1, mutant["end"] + 1)
        for phase, name in (("import", "cold"), ("warm", "imported")):
            if not self._early[phase].get(mutant["module"], set()).isdisjoint(body):
                return name
        return "warm"


if __name__ == "__main__":
    BUILD.mkdir(parents=True, exist_ok=True)
    measure()
