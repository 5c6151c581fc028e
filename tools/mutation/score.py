"""What came of it: the scores, the survivors, and which of them are explained."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

from mutation.explained import Explanations
from mutation.places import BUILD, CORE, UNSEEN, read_lines
from mutation.stages import BY_TESTS, BY_VECTORS

LIVES: Final = ("words", "explained", "tests", "survivor", "unasked")


def collect(mutants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mutants with their `fate`.

    `words` and `explained` are those that are not of the language, or change nothing that it can see, killed or not;
    of the others, `vectors` and `tests` say what killed them, `survivor` that nothing did, `unasked` that no vector did
    and that the tests have not been asked.
    """
    by_vectors = {result["key"]: result for result in read_lines(BY_VECTORS)}
    by_tests = {result["key"]: result for result in read_lines(BY_TESTS)}
    explanations = Explanations()
    found = []
    for mutant in mutants:
        vectors, tests = by_vectors.get(mutant["key"]), by_tests.get(mutant["key"])
        killed = vectors is not None and vectors["killed"]
        reached = vectors is None or vectors.get("asked") != 0
        why = explanations.of(mutant, killed=killed, reached=reached)
        if mutant["words"]:
            fate = "words"
        elif why is not None:
            fate = "explained"
        elif killed:
            fate = "vectors"
        elif tests is None:
            fate = "unasked"
        else:
            fate = "tests" if tests["killed"] else "survivor"
        by = (vectors or {}).get("by") or (tests or {}).get("by")
        found.append({**mutant, "fate": fate, "by": by, "why": why, "asked": vectors})
    return found


def counts(found: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    """How many mutants of each room met which fate."""
    made: dict[str, Counter[str]] = {}
    for mutant in found:
        made.setdefault(mutant["room"], Counter())[mutant["fate"]] += 1
    return made


def _share(fates: Counter[str]) -> float:
    due = fates.total() - fates["words"] - fates["explained"]
    return 100.0 * fates["vectors"] / due if due else 100.0


def by_vectors(found: list[dict[str, Any]]) -> float:
    """The score by vectors alone, in percent: of the mutants that count, those that a vector kills."""
    return _share(sum((fates for room, fates in counts(found).items() if room in CORE), Counter()))


def table(found: list[dict[str, Any]]) -> str:
    """The scores as a table."""
    rows = [
        "| module | mutants | killed by vectors | words | explained | killed by tests | survive | score by vectors |",
        "|---|---|---|---|---|---|---|---|",
    ]
    made = counts(found)
    total: Counter[str] = Counter()
    for room in (*CORE, *UNSEEN):
        if room in made:
            fates = made[room]
            total += fates if room in CORE else Counter()
            rows.append(_row(f"`{room}`", fates, seen=room in CORE))
    rows.append(_row("what vectors can see", total, seen=True))
    return "\n".join(rows)


def _row(name: str, fates: Counter[str], *, seen: bool) -> str:
    left = fates["survivor"] + fates["unasked"]
    share = f"{_share(fates):.1f} %" if seen else "–"
    cells = [fates.total(), fates["vectors"], fates["words"], fates["explained"], fates["tests"], left, share]
    return f"| {name} | " + " | ".join(map(str, cells)) + " |"


def write(found: list[dict[str, Any]]) -> None:
    """Write the results, and a page of what survives."""
    kept = [{key: value for key, value in mutant.items() if key not in ("source", "asked")} for mutant in found]
    (BUILD / "results.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False), "utf-8")
    page = []
    for mutant in found:
        if mutant["fate"] in ("tests", "survivor", "unasked") and mutant["room"] in CORE:
            how = "no vector reaches it" if (mutant["asked"] or {}).get("asked") == 0 else mutant["fate"]
            page.append(f"{mutant['key']}  line {mutant['line']}  {how}\n" + "\n".join(mutant["change"]) + "\n")
    (BUILD / "survivors.txt").write_text("\n".join(page), "utf-8")
