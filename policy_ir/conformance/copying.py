"""The suite as files, for those who have no Python: vectors, schemas, a README, and the page of the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from policy_ir.conformance.suite import VECTORS

PROTOCOL: Final = "protocol.md"
"""The chapter "Conformance" of the specification, as a copy has it."""


def files_of(root: Path) -> list[tuple[str, bytes]]:
    """The files of a suite by their path in a copy, with slashes, in that order.

    The page of the protocol lies in the folder of a suite that was installed or copied, and else with the chapters of
    the checkout.
    """
    found = {"README.md": root / "README.md", "exempt.json": root / "exempt.json", PROTOCOL: root / PROTOCOL}
    if not found[PROTOCOL].exists():
        found[PROTOCOL] = root.parent / "docs" / "spec" / "conformance.md"
    for folder in (VECTORS, "schema"):
        found |= {path.relative_to(root).as_posix(): path for path in root.joinpath(folder).rglob("*.json")}
    return [(name, path.read_bytes()) for name, path in sorted(found.items()) if path.is_file()]
