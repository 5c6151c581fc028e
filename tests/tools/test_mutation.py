"""The tools of mutation testing: what counts as words, how a mutant gets into its place, what is explained."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
from mutation.places import COMPARED, CORE, EXPLAINED, ROOT, UNSEEN, files_of, module_of
from mutation.swap import swap
from mutation.words import Words

from policy_ir.semantics import scores

SOURCE = textwrap.dedent(
    """
    def check(number):
        if number < 0:
            shown = quoted(number)
            return Diagnostic(code=NEGATIVE, message=f"{shown} is negative", help=advice(number), pointer=at(number))
        return None

    def quoted(number):
        return "`" + str(number) + "`"

    def advice(number):
        return "write " + quoted(-number)

    def at(number):
        return "/" + str(number)
    """
)


def is_words(tmp_path: Path, piece: str) -> bool:
    file = tmp_path / "sample.py"
    file.write_text(SOURCE, "utf-8")
    before = SOURCE[: SOURCE.index(piece)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n") - 1
    return Words([file]).holds(file, (line, column), (line, column + len(piece)))


@pytest.mark.parametrize(
    "piece", ['f"{shown} is negative"', "quoted(number)", '"`" + str(number) + "`"', '"write " + quoted(-number)']
)
def test_what_only_reaches_a_message_is_words(tmp_path: Path, piece: str) -> None:
    assert is_words(tmp_path, piece)


@pytest.mark.parametrize("piece", ["number < 0", "NEGATIVE", "at(number)", '"/" + str(number)', "None"])
def test_what_reaches_a_code_a_pointer_or_a_result_is_no_words(tmp_path: Path, piece: str) -> None:
    assert not is_words(tmp_path, piece)


def test_a_function_that_is_used_for_something_besides_is_no_words(tmp_path: Path) -> None:
    file = tmp_path / "sample.py"
    file.write_text(SOURCE + "\nKEY = quoted(1)\n", "utf-8")
    assert not Words([file]).holds(file, (9, 11), (9, 14))


def mutant(source: str, function: str) -> dict[str, object]:
    return {"module": "policy_ir.semantics.scores", "function": function, "source": source, "key": "", "start": 0}


def test_a_mutant_takes_the_place_of_its_function_wherever_that_is_known() -> None:
    known = scores.plus
    whole = known.__code__
    try:
        swap(mutant("def plus(a: float, b: float) -> float:\n    return a - b + 0.0\n", "plus"))
        assert known(3.0, 1.0) == 2.0
    finally:
        known.__code__ = whole
    assert known(3.0, 1.0) == 4.0


def test_a_mutant_can_be_there_before_its_module_is_imported() -> None:
    text = Path(scores.__file__).read_text("utf-8")
    function = next(n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == "plus")
    program = (
        "from mutation.swap import replace_on_import\n"
        "replace_on_import({'module': 'policy_ir.semantics.scores', 'function': 'plus', 'key': '',\n"
        f"    'source': 'def plus(a, b):\\n    return 7.0', 'start': {function.lineno}}})\n"
        "from policy_ir.semantics.scores import plus\n"
        "print(plus(1.0, 2.0))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "tools", capture_output=True, text=True, check=True
    )
    assert ran.stdout == "7.0\n"


def test_the_core_is_that_of_the_makefile() -> None:
    text = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    named = re.search(r"^CORE := (.*)$", text, re.MULTILINE)
    assert named is not None
    assert set(named[1].split()) == {*CORE, *UNSEEN, *COMPARED}


def functions() -> set[str]:
    """`module:function` of every function of the core that a mutant can be in."""
    found = set()
    for file in (file for room in (*CORE, *UNSEEN) for file in files_of(room)):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                found.add(f"{module_of(file)}:{node.name}")
            elif isinstance(node, ast.ClassDef):
                found |= {
                    f"{module_of(file)}:{node.name}.{n.name}" for n in node.body if isinstance(n, ast.FunctionDef)
                }
    return found


def test_what_is_explained_exists_and_has_a_reason() -> None:
    known = functions()
    data = tomllib.loads(EXPLAINED.read_text("utf-8"))
    for entry in data.get("outside", ()):
        assert len(entry["why"].split()) > 4
        for pattern in entry["functions"]:
            assert any(re.fullmatch(pattern, function) for function in known), pattern
    for entry in data.get("equivalent", ()):
        assert len(entry["why"].split()) > 4
        for key in entry["mutants"]:
            assert key.rpartition(":")[0] in known, key


def test_mutants_are_made_of_every_function_that_mutmut_changes() -> None:
    pytest.importorskip("mutmut")
    made = importlib.import_module("mutation.mutants").mutants_of(files_of("failover")[0], Words(files_of("failover")))
    assert {entry["function"] for entry in made} == {"next_of", "_backoff", "_leave"}
    assert len({entry["key"] for entry in made}) == len(made)
