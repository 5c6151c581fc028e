"""The committed list of mutants that no vector can kill, with the reasons."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from mutation.places import EXPLAINED


class Explanations:
    """The committed list of mutants that no vector can kill: by key, or by module and function with a pattern."""

    def __init__(self) -> None:
        data = tomllib.loads(EXPLAINED.read_text("utf-8")) if EXPLAINED.exists() else {}
        self.single: dict[str, str] = {}
        self.rules: list[tuple[re.Pattern[str], re.Pattern[str] | None, bool, str]] = []
        for entry in data.get("equivalent", ()):
            for key in entry["mutants"]:
                self.single[key] = entry["why"]
        for entry in data.get("outside", ()):
            place = re.compile("|".join(entry["functions"]))
            change = re.compile(entry["change"]) if "change" in entry else None
            self.rules.append((place, change, entry.get("reached", False), entry["why"]))

    def of(self, mutant: dict[str, Any], *, killed: bool, reached: bool = True) -> str | None:
        """Why a mutant does not count; None where nothing says so.

        Whole functions do not count, whatever happens to their mutants; what is explained mutant by mutant, or by a
        pattern of the change, counts if a vector kills it all the same. An entry with `reached` relies on vectors that
        have seen no difference: it says nothing of what none has come to.
        """
        place, change = f"{mutant['module']}:{mutant['function']}", "\n".join(mutant["change"])
        for at, what, seen, why in self.rules:
            if seen and not reached:
                continue
            if at.fullmatch(place) and (what is None or (not killed and what.search(change))):
                return why
        return None if killed else self.single.get(mutant["key"])
