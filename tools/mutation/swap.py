"""Puts a mutant in the place of its function: in a process that has imported it, or before it is imported."""

from __future__ import annotations
import __future__

import ast
import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mutation.places import file_of

_ANNOTATIONS = __future__.annotations.compiler_flag


def swap(mutant: dict[str, Any]) -> None:
    """Give the function of an imported module the code, and the defaults, of the mutant.

    Whoever has taken hold of the function, in a table or under another name, runs the mutant too. Functions that were
    made by it before keep their old code: mutants of functions that run on import are for `replace_on_import`.
    """
    module = sys.modules[mutant["module"]]
    live, changed = _live(module, mutant["function"]), _made(mutant, module)
    live.__code__ = changed.__code__
    for name in ("__defaults__", "__kwdefaults__"):
        if repr(getattr(live, name)) != repr(getattr(changed, name)):
            setattr(live, name, getattr(changed, name))


def _live(module: ModuleType, path: str) -> FunctionType:
    *owner, name = path.split(".")
    found = vars(vars(module)[owner[0]])[name] if owner else vars(module)[name]
    found = getattr(found, "__func__", found)
    if not isinstance(found, FunctionType):
        raise LookupError(f"{path} of {module.__name__} is no plain function")
    return found


def _made(mutant: dict[str, Any], module: ModuleType) -> FunctionType:
    *owner, name = mutant["function"].split(".")
    tree = ast.parse(mutant["source"])
    if owner:
        tree.body = [ast.copy_location(ast.ClassDef(owner[0], [], [], tree.body, []), tree.body[0])]
        ast.fix_missing_locations(tree)
    namespace = dict(vars(module))
    exec(compile(tree, str(module.__file__), "exec", _ANNOTATIONS, dont_inherit=True), namespace)
    found = vars(namespace[owner[0]])[name] if owner else namespace[name]
    return getattr(found, "__func__", found)  # type: ignore[no-any-return]


class _Replacing(importlib.machinery.SourceFileLoader):
    """Loads one module with a mutant in it, and never from or into a cache of compiled code."""

    def __init__(self, mutant: dict[str, Any], name: str, path: str) -> None:
        super().__init__(name, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        tree = ast.parse(self.get_data(self.path))
        changed = ast.parse(self._mutant["source"]).body[0]
        for body in (tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))):
            for at, node in enumerate(body):
                if isinstance(node, ast.FunctionDef) and node.lineno == self._mutant["start"]:
                    body[at] = changed
                    return compile(tree, self.path, "exec", dont_inherit=True)
        raise LookupError(self._mutant["key"])


class _Finder:
    def __init__(self, mutant: dict[str, Any]) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        if name != self._mutant["module"]:
            return None
        file = file_of(name)
        loader = _Replacing(self._mutant, name, str(file))
        inside = [str(file.parent)] if file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(name, file, loader=loader, submodule_search_locations=inside)


def replace_on_import(mutant: dict[str, Any]) -> None:
    """Let the module be imported with the mutant in it. It must not have been imported yet."""
    if mutant["module"] in sys.modules:
        raise LookupError(f"{mutant['module']} is imported already")
    sys.meta_path.insert(0, _Finder(mutant))
