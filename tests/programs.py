"""Programs that a user's machine may lack. A test that needs one asks here and is skipped without it.

Where `REQUIRE_PROGRAMS` is set, as in CI, it fails instead: there every test has to run.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from policy_ir import __file__ as package

JAVASCRIPT = Path(package).parents[1] / "conformance" / "implementations" / "javascript"


def needed(condition: bool, what: str) -> None:
    """Skip the test, or fail it where programs are required, unless the condition holds."""
    if not condition:
        (pytest.fail if os.environ.get("REQUIRE_PROGRAMS") else pytest.skip)(f"this test needs {what}")


def program(name: str) -> str:
    """The path of a program that the test needs."""
    path = shutil.which(name)
    needed(path is not None, f"the program `{name}`")
    return str(path)


def javascript_subject() -> list[str]:
    """The command of the JavaScript implementation as a subject."""
    node = program("node")
    needed((JAVASCRIPT / "node_modules").is_dir(), "`npm ci` in conformance/implementations/javascript")
    return [node, str(JAVASCRIPT / "bin" / "subject.js")]
