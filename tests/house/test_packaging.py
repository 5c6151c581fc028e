"""What is shipped: the wheel and the locks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from repository import PACKAGE, ROOT

import policy_ir
from policy_ir.conformance.copying import files_of
from policy_ir.conformance.suite import load_suite

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = {path.stem: path.read_text("utf-8") for path in (ROOT / "requirements").glob("*.lock")}
PINNED = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)", re.MULTILINE)
PINNED_FOR = re.compile(PINNED.pattern + r"(?: ; ([^\\\n]+?))? \\$", re.MULTILINE)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[ ;<>=!~\[]", name)[0]).lower()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_ships_every_file_of_the_package_once(wheel: zipfile.ZipFile) -> None:
    ours = {str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    ours |= {f"policy_ir/data/conformance/{name}" for name, _ in files_of(ROOT / "conformance")}
    packed = Counter(name for name in wheel.namelist() if not name.startswith(f"policy_ir-{policy_ir.__version__}."))
    assert set(packed) == ours
    assert set(packed.values()) == {1}


@pytest.mark.parametrize("needed", ["py.typed", "grammar/wire.lark", "grammar/authoring.lark",
                                    "data/vocabularies/core.toml", "diagnostics/pages/PIR0203.md"])  # fmt: skip
def test_the_wheel_has_what_the_package_reads_at_run_time(wheel: zipfile.ZipFile, needed: str) -> None:
    assert f"policy_ir/{needed}" in wheel.namelist()


def test_the_wheel_carries_licence_notice_and_the_command(wheel: zipfile.ZipFile) -> None:
    info = f"policy_ir-{policy_ir.__version__}.dist-info"
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/NOTICE"} <= set(wheel.namelist())
    assert "policy-ir = policy_ir.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()


def test_an_installed_package_has_the_conformance_suite(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}

    def conformance(*arguments: str) -> str:
        command = [sys.executable, "-m", "policy_ir", "conformance", *arguments]
        ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    listed = conformance("list", "--ids").split()
    assert listed == [vector.id for vector in load_suite().vectors]
    conformance("copy", "copied")
    copied = {str(path.relative_to(tmp_path / "copied")): path.read_bytes() for path in (tmp_path / "copied").rglob("*")
              if path.is_file()}  # fmt: skip
    assert copied == dict(files_of(ROOT / "conformance"))
    assert "the vector passed" in conformance(
        "run", "--id", listed[0], "--", sys.executable, "-m", "policy_ir", "conformance", "serve"
    )


def test_the_source_distribution_makes_the_same_wheel(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build"]
    subprocess.run(
        [*build, "--target", "sdist", "--directory", str(tmp_path)], cwd=ROOT, check=True, capture_output=True
    )
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as packed:
        packed.extractall(tmp_path, filter="data")
    (source,) = (path for path in tmp_path.iterdir() if path.is_dir())
    subprocess.run([*build, "--target", "wheel", "--directory", str(tmp_path)], cwd=source, check=True,
                   capture_output=True)  # fmt: skip
    again = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    assert {entry.filename: entry.CRC for entry in again.infolist()} == {
        entry.filename: entry.CRC for entry in wheel.infolist()
    }


def test_the_locks_pin_every_declared_dependency() -> None:
    project, groups = PYPROJECT["project"], PYPROJECT["dependency-groups"]
    pinned = {name: {found for found, _ in PINNED.findall(text)} for name, text in LOCKS.items()}
    assert {canonical(name) for name in project["dependencies"]} <= pinned["run"]
    assert {canonical(name) for name in groups["build"]} <= pinned["build"]
    assert {canonical(name) for group in ("check", "docs", "build") for name in groups[group]} <= pinned["dev"]
    assert {canonical(name) for name in groups["fuzz"]} <= pinned["fuzz"]


def pins(lock: str) -> dict[str, dict[str, str]]:
    """The version of each package in a lock; where there are several, by the marker that each is for."""
    found: dict[str, dict[str, str]] = {}
    for package, version, marker in PINNED_FOR.findall(LOCKS[lock]):
        found.setdefault(package, {})[marker] = version
    # A marker beside one version alone says where it is needed, and may differ from lock to lock.
    return {
        package: versions if len(versions) > 1 else dict.fromkeys([""], *versions.values())
        for package, versions in found.items()
    }


def test_a_package_has_one_version_in_all_locks() -> None:
    shipped = {**pins("build"), **pins("run")}
    for name in ("run", "build", "dev"):
        ours = {package: versions for package, versions in pins(name).items() if package in shipped}
        assert ours == {package: shipped[package] for package in ours}


@pytest.mark.parametrize("name", sorted(LOCKS))
def test_a_lock_has_a_digest_for_each_package_and_names_no_host(name: str) -> None:
    packages = re.split(r"^(?=[a-z])", LOCKS[name], flags=re.MULTILINE)
    assert all("--hash=sha256:" in package for package in packages if package.strip())
    assert "://" not in LOCKS[name]
    assert "index" not in re.sub(r"^[a-z0-9-]+==", "", LOCKS[name], flags=re.MULTILINE)


def test_the_package_declares_what_it_imports() -> None:
    import ast

    declared = {canonical(name) for name in PYPROJECT["project"]["dependencies"]} | {"policy-ir"}
    optional = {canonical(name) for group in PYPROJECT["project"]["optional-dependencies"].values() for name in group}
    imported: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            for name in names:
                imported.setdefault(canonical(name.split(".")[0]), set()).add(str(path.relative_to(PACKAGE)))
    foreign = {
        name for name in imported if name.replace("-", "_") not in sys.stdlib_module_names and name != "-future-"
    }
    # One name for what several distributions bring together.
    optional |= {name.partition("-")[0] for name in optional if name.startswith("opentelemetry-")}
    assert foreign - optional <= declared
    elsewhere = {
        (name, user)
        for name in (optional & foreign) - declared
        for user in imported[name]
        if not user.startswith(USERS.get(name, ROUTER))
    }
    assert elsewhere == set()


ROUTER = ("router/", "trace/", "cli/serve_verb.py", "cli/flow_running.py")
USERS = {"hypothesis": ("testing/", "conformance/differential/")}
"""What may import the libraries of an extra; of those of the router, these and no others."""


def test_the_version_is_in_the_changelog() -> None:
    assert f"## {policy_ir.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
