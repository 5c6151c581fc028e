"""The tables of the authoring syntax are kept between commands, and nothing depends on that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

POLICY = 'filter provider == "openai"\n'


def _hash(cache: str, folder: Path, **environment: str) -> str:
    (folder / "p.policy").write_text(POLICY)
    run = subprocess.run(
        [sys.executable, "-m", "policy_ir", "hash", "p.policy"],
        cwd=folder,
        env={**os.environ, "POLICY_IR_CACHE": cache, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    return run.stdout


def test_a_fingerprint_is_the_same_with_a_cache_without_one_and_with_a_broken_one(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first = _hash(str(kept), tmp_path)
    tables = kept / "authoring.tables"
    assert tables.stat().st_size > 10_000
    assert _hash(str(kept), tmp_path) == first
    assert _hash("", tmp_path) == first
    tables.write_bytes(b"\x80\x04not tables")
    assert _hash(str(kept), tmp_path) == first
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert _hash(str(blocked), tmp_path) == first


def test_the_folder_is_the_users_own_unless_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.policy").write_text(POLICY)
    environment = {name: value for name, value in os.environ.items() if name not in ("POLICY_IR_CACHE", "LOCALAPPDATA")}
    subprocess.run(
        [sys.executable, "-m", "policy_ir", "hash", "p.policy"],
        cwd=tmp_path,
        env={**environment, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert (tmp_path / "cache" / "policy-ir" / "authoring.tables").exists()
