"""Implementations that are wrong on purpose: the reference, each with one small mistake that somebody could make.

A mistake is a change of the text of a few functions. `broken(name)` makes it for the length of a `with` block;
`python -m broken NAME` is a subject that makes it, and speaks the protocol.
"""

from __future__ import annotations
import __future__

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

import attrs

from policy_ir.equations import EQUATIONS

_ANNOTATIONS = __future__.annotations.compiler_flag


@attrs.frozen
class Change:
    """One piece of text of a function of the reference, and what stands there instead.

    `function` is the name of a function, `Class.method`, or the id of an equation that is stated by itself.
    """

    module: str
    function: str
    old: str
    new: str

    def place(self) -> tuple[ModuleType, str | None, FunctionType]:
        """The module, the class if it is a method, and the function."""
        module = importlib.import_module(f"policy_ir.{self.module}")
        *owner, name = self.function.split(".")
        if "/" in name:
            found: Any = next(equation.rewrite for equation in EQUATIONS if equation.id == name)
        else:
            found = vars(vars(module)[owner[0]] if owner else module)[name]
        function = next((f for f in (getattr(found, at, None) for at in ("__func__", "fget", "func")) if f), found)
        assert isinstance(function, FunctionType)
        return module, owner[0] if owner else None, function

    def applied(self, text: str) -> str:
        """The text of the function with the change. Raises ValueError where the old text is not there exactly once."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.function} holds the text {self.old!r} {text.count(self.old)} times")
        return text.replace(self.old, self.new)


@attrs.frozen
class Flaw:
    """A mistake.

    `chapter` is that of the specification which it goes against, `does` what the broken implementation does, and
    `reasons` the rules, equations, codes and flags that speak about it: among the vectors that fail is one which
    names one of these.
    """

    name: str
    chapter: str
    does: str
    reasons: tuple[str, ...]
    changes: tuple[Change, ...]

    def functions(self) -> list[tuple[FunctionType, FunctionType]]:
        """The functions that are changed, each with what it becomes."""
        texts: dict[FunctionType, tuple[Change, str]] = {}
        for change in self.changes:
            function = change.place()[2]
            _, text = texts.get(function, (change, textwrap.dedent(inspect.getsource(function))))
            texts[function] = change, change.applied(text)
        return [(function, _made(change, text)) for function, (change, text) in texts.items()]


def flaw(name: str, chapter: str, does: str, reasons: str, *changes: Change) -> Flaw:
    """A mistake; `reasons` are separated by spaces."""
    return Flaw(name, chapter, does, tuple(reasons.split()), changes)


def _made(change: Change, text: str) -> FunctionType:
    module, owner, _ = change.place()
    tree = ast.parse(text)
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    if owner:
        tree.body = [ast.ClassDef(name=owner, bases=[], keywords=[], body=[definition], decorator_list=[])]
    space: dict[str, Any] = dict(vars(module))
    exec(compile(ast.fix_missing_locations(tree), module.__name__, "exec", _ANNOTATIONS, dont_inherit=True), space)
    made = vars(space[owner])[definition.name] if owner else space[definition.name]
    assert isinstance(made, FunctionType)
    return made


@contextmanager
def broken(flaw: Flaw) -> Iterator[None]:
    """The reference makes the mistake inside the block."""
    made = flaw.functions()
    whole = [function.__code__ for function, _ in made]
    try:
        for function, changed in made:
            function.__code__ = changed.__code__
        yield
    finally:
        for (function, _), code in zip(made, whole, strict=True):
            function.__code__ = code
