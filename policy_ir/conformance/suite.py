"""The vectors, as files on disk have them. Specification: chapter "Conformance", section "Vectors"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import attrs

from policy_ir.diagnostics import quoted

__all__ = ["Suite", "Unreadable", "Vector", "joined", "load_suite", "suite_root"]

VECTORS: Final = "vectors"
"""The folder of the vectors in that of the suite."""


class Unreadable(ValueError):
    """A file of vectors is none; the message names it and says why."""


@attrs.frozen(eq=False)
class Vector:
    """One vector.

    `file` is the path of its file under `vectors/`, with slashes. `input` and `expect` are as in the file; `expect` has
    `result` or `refused`.
    """

    id: str
    file: str
    kind: str
    comment: str
    input: Mapping[str, Any]
    expect: Mapping[str, Any]
    rules: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    def request(self) -> dict[str, Any]:
        """The input of the request: that of the file, its texts put together."""
        return joined(self.input)


def joined(input: Mapping[str, Any]) -> dict[str, Any]:
    """An input of a file as a request has it: with the parts of `text` and `bytes` put together."""
    return {name: _text(value) if name in ("text", "bytes") else value for name, value in input.items()}


def _text(value: object) -> object:
    """A text, where it is a list of parts: texts, and [text, number] for that text so many times."""
    if not isinstance(value, list):
        return value
    return "".join(part if isinstance(part, str) else part[0] * part[1] for part in value)


@attrs.frozen(eq=False)
class Suite:
    """All vectors of a folder, by id."""

    root: Path
    vectors: tuple[Vector, ...]

    @cached_property
    def _by_id(self) -> Mapping[str, Vector]:
        return {vector.id: vector for vector in self.vectors}

    def get(self, id: str) -> Vector | None:
        """The vector of an id, None where there is none."""
        return self._by_id.get(id)


def suite_root() -> Path:
    """The folder of the suite that travels with the package, or else that of the checkout it runs from."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "data" / "conformance"
    return shipped if (shipped / VECTORS).is_dir() else package.parent / "conformance"


def load_suite(root: Path | None = None) -> Suite:
    """The suite in a folder that has `vectors/`; without one, the suite of this package.

    Raises `Unreadable` for a file that is no JSON of vectors, or a vector without a member that every vector has. The
    linter says what else is wrong with them.
    """
    folder = suite_root() if root is None else root
    files = sorted(folder.joinpath(VECTORS).rglob("*.json"))
    vectors = [vector for path in files for vector in _read(path, path.relative_to(folder / VECTORS).as_posix())]
    return Suite(folder, tuple(sorted(vectors, key=lambda vector: vector.id)))


def _read(path: Path, name: str) -> list[Vector]:
    try:
        file = json.loads(path.read_text("utf-8"))
        _hold(isinstance(file, dict), "it is no object")
        _hold(isinstance(file["kind"], str), "its `kind` is no text")
        _hold(isinstance(file["vectors"], list), "its `vectors` are no list")
        return [_vector(entry, name, file["kind"]) for entry in file["vectors"]]
    except KeyError as wrong:
        raise Unreadable(f"{name}: the member `{wrong.args[0]}` is missing") from None
    except RecursionError:
        raise Unreadable(f"{name}: it is no file of vectors: it is nested too deep") from None
    except UnicodeDecodeError:
        raise Unreadable(f"{name}: it is no file of vectors: it is not UTF-8") from None
    except OSError as wrong:
        raise Unreadable(f"{name}: it cannot be read: {(wrong.strerror or 'it fails').lower()}") from None
    except ValueError as wrong:
        raise Unreadable(f"{name}: it is no file of vectors: {wrong}") from None


def _hold(holds: bool, wrong: str, id: str = "") -> None:
    """Raises ValueError unless it holds. `wrong` has a pair of braces where the id of the vector is to stand."""
    if not holds:
        raise ValueError(wrong.format(quoted(id)))


_LISTS: Final = ("rules", "denies", "near", "features", "flags")


def _vector(entry: Mapping[str, Any], file: str, kind: str) -> Vector:
    _hold(isinstance(entry, dict), "an entry of its `vectors` is no object")
    _hold(isinstance(entry["id"], str), "an `id` is no text")
    _hold(isinstance(entry["comment"], str), "the `comment` of {} is no text", entry["id"])
    _hold(isinstance(entry["input"], dict), "the `input` of {} is no object", entry["id"])
    _hold(_is_outcome(entry["expect"]), "the `expect` of {} is neither a result nor a refusal", entry["id"])
    for name in _LISTS:
        given = entry.get(name, [])
        texts = isinstance(given, list) and all(isinstance(one, str) for one in given)
        _hold(texts, f"the `{name}` of {{}} are no list of texts", entry["id"])
    lists = {name: tuple(entry.get(name, ())) for name in _LISTS}
    return Vector(entry["id"], file, kind, entry["comment"], entry["input"], entry["expect"], **lists)


def _is_outcome(value: object) -> bool:
    """Whether a value has what is asked of every outcome: a result, or findings with codes and places."""
    match value:
        case {"result": dict()}:
            return True
        case {"refused": [_, *_] as refused}:
            return all(
                isinstance(one, dict) and isinstance(one.get("code"), str) and "pointer" in one for one in refused
            )
        case _:
            return False
