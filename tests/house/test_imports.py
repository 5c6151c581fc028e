"""Lower rooms never import higher ones, and the core imports nothing that talks to anybody."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from repository import PACKAGE

# From the ground up. A room may import itself and the rooms before it, also inside functions and for typing only.
ROOMS = (
    "terms",
    "signature",
    "values",
    "syntax.document",
    "diagnostics",
    "cbor",
    "syntax",
    "equations",
    "normal_form",
    "canonical",
    "vocabulary",
    "field_values",
    "column",
    "candidate",
    "snapshot",
    "facts",
    "chat",
    "admission",
    "floor",
    "semantics",
    "failover",
    "decision",
    "evidence",
    "explanation",
    "evaluator",
    "flow",
    # Here the core ends.
    "intervals",
    "lints",
    "interop",
    "schema",
    "catalogs",
    "presets",
    "report",
    "trace",
    "router",
    "testing",
    "conformance",
    "",
    "cli",
    "__main__",
)
CORE = ROOMS[: ROOMS.index("intervals")]

FOREIGN = {
    *("typer", "click", "rich", "pydantic", "lark", "shellingham", "numpy"),
    *("socket", "ssl", "http", "urllib", "ftplib", "smtplib", "asyncio", "selectors", "socketserver", "xmlrpc"),
    *("sqlite3", "dbm", "shelve", "pickle", "marshal", "multiprocessing", "subprocess", "threading", "ctypes"),
    *("time", "datetime", "random", "secrets", "uuid", "locale", "getpass", "platform"),
}
"""What a pure function of its arguments has no use for, and libraries that only one room may use."""

ALLOWED = {"syntax": {"lark"}, "evaluator": {"numpy"}, "flow": {"lark"}}


def module_of(path: object) -> str:
    name = ".".join(PACKAGE.joinpath(str(path)).relative_to(PACKAGE).with_suffix("").parts)
    return name.removesuffix("__init__").removesuffix(".")


def room_of(module: str) -> str:
    """The room of a module: the longest listed name that it is, or is within."""
    return max((room for room in ROOMS if module == room or module.startswith(room + ".")), key=len, default="nowhere")


def imports_of(module_path: object) -> Iterator[tuple[str, bool]]:
    """What a module imports, with whether it does so when it is itself imported."""
    tree = ast.parse(PACKAGE.joinpath(str(module_path)).read_text("utf-8"))
    lazy = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node not in lazy) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module_path}: a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                path = PACKAGE.parent.joinpath(*whole.split("."))
                inner = path.with_suffix(".py").exists() or path.joinpath("__init__.py").exists()
                yield (whole if inner else node.module or ""), node not in lazy


FILES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def test_every_module_is_in_a_room() -> None:
    assert [str(path) for path in FILES if room_of(module_of(path)) == "nowhere"] == []


def test_the_coverage_gate_is_about_the_whole_core() -> None:
    made = subprocess.run(["make", "-pn", "help"], cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    (rooms,) = re.findall(r"^CORE := (.*)$", made.stdout, re.MULTILINE)
    assert set(rooms.split()) == {room.split(".")[0] for room in CORE}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_module_imports_its_own_room_and_lower_ones_only(path: object) -> None:
    here = room_of(module_of(path))
    higher = []
    for name, _ in imports_of(path):
        if name.split(".")[0] == "policy_ir" and name != "policy_ir":
            there = room_of(name.removeprefix("policy_ir."))
            if ROOMS.index(there) > ROOMS.index(here) and there != "syntax.document":
                higher.append(name)
    assert higher == []


@pytest.mark.parametrize("path", [path for path in FILES if room_of(module_of(path)) in CORE], ids=str)
def test_the_core_imports_nothing_that_depends_on_the_world(path: object) -> None:
    allowed = ALLOWED.get(room_of(module_of(path)), set())
    assert {name for name, _ in imports_of(path) if name.split(".")[0] in FOREIGN - allowed} == set()


@pytest.mark.parametrize("path", FILES, ids=str)
def test_arrays_are_for_the_evaluator_only(path: object) -> None:
    named = {name.split(".")[0] for name, _ in imports_of(path)}
    assert "numpy" not in named or room_of(module_of(path)) == "evaluator"


def test_a_grammar_is_loaded_only_where_a_text_needs_it() -> None:
    eager = {f"policy_ir.{module_of(path)}": {name for name, now in imports_of(path) if now} for path in FILES}
    loading = {module for module, names in eager.items() if any(name.split(".")[0] == "lark" for name in names)}
    assert all(module.startswith("policy_ir.syntax.") for module in loading)
    assert {module for module, names in eager.items() if names & loading} <= loading


HEAVY = ("lark", "typer", "rich", "click", "pydantic", "sqlite3", "socket", "ssl", "asyncio", "tomllib", "difflib")


def loaded_by(program: str, watched: tuple[str, ...]) -> list[str]:
    """Which of these modules a program in an interpreter of its own has loaded when it ends."""
    program += f"\nimport sys; print(*[name for name in {watched!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("module", ["", ".decision", ".syntax.loader", ".explanation", ".evaluator"])
def test_importing_the_core_loads_neither_a_parser_nor_a_command_line_nor_arrays(module: str) -> None:
    assert loaded_by(f"import policy_ir{module}", (*HEAVY, "numpy")) == []


DECISION = """\
import policy_ir
from policy_ir.syntax.loader import load
term = load(["policy", ["meets_req"], ["neg", ["normalize", ["field", "price_out"]]], ["argmax"], ["id"],
             ["always", {"action": "next_candidate"}]], source="policy")
admitted = policy_ir.admit(term, policy_ir.get_vocabulary("standard"))
decision = policy_ir.decide(admitted, policy_ir.shipped_snapshot(), policy_ir.read_facts({}, admitted.vocabulary))
assert decision.ordered and decision.fingerprint
"""


def test_a_decision_over_a_decoded_policy_loads_neither_a_parser_nor_arrays() -> None:
    assert loaded_by(DECISION, ("lark", "numpy")) == []


def test_the_package_itself_imports_nothing_of_its_own() -> None:
    program = "import sys, policy_ir; print(sorted(name for name in sys.modules if name.startswith('policy_ir.')))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_every_public_name_is_there_and_is_the_one_of_its_module() -> None:
    import policy_ir

    for name in policy_ir.__all__:
        value = getattr(policy_ir, name)
        assert (value.__module__ or "").startswith("policy_ir")
        assert value.__doc__
        assert name in dir(policy_ir)
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        _ = policy_ir.no_such_name  # type: ignore[attr-defined]
