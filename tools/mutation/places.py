"""Where the core is, and where what is found about it is kept: everything goes to `build/mutation/`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build" / "mutation"
EXPLAINED: Final = Path(__file__).parent / "equivalent.toml"

CORE: Final = (
    *("terms", "signature", "values", "syntax", "diagnostics", "cbor", "canonical", "equations", "normal_form"),
    *("vocabulary", "field_values", "column", "candidate", "snapshot", "facts", "chat", "admission", "floor"),
    *("semantics", "failover", "decision", "flow"),
)
"""The core, as the Makefile has it, as far as a vector can see it."""

UNSEEN: Final = ("evidence", "explanation")
"""The rest of the core. The chapter "Decisions" leaves the wording of both to an implementation, and no message of the
protocol carries them, so no vector can see them: the tests alone are asked about these."""

COMPARED: Final = ("evaluator",)
"""What is of the core and has no mutants: it is held to the rest of the core, bit for bit, by random cases."""

SILENT: Final = ("cli", "report", "testing", "evidence.py", "explanation", "schema.py", "presets.py", "conformance")
"""What no message of the protocol comes through: words for these are words too."""


def speaking() -> list[Path]:
    """The files of the package that messages come through, in order."""
    package = ROOT / "policy_ir"
    files = (file for file in package.rglob("*.py") if file.relative_to(package).parts[0] not in SILENT)
    return sorted(files)


def files_of(room: str) -> list[Path]:
    """The files of a module or package of `policy_ir`, in order."""
    package = ROOT / "policy_ir" / room
    return sorted(package.rglob("*.py")) if package.is_dir() else [package.with_suffix(".py")]


def module_of(file: Path) -> str:
    """The dotted name of a file of the package."""
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def file_of(module: str) -> Path:
    """The file of a dotted name."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def room_of(module: str) -> str:
    """The module or package of the core that a dotted name belongs to."""
    return module.split(".")[1]


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The records of a file with one JSON object per line; a last line that was cut short is passed over."""
    if file.exists():
        for line in filter(None, file.read_text("utf-8").split("\n")):  # texts may hold other line ends
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue


def write_lines(file: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write a file with one JSON object per line, at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
    os.replace(part, file)
