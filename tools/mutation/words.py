"""Tells which places of the sources reach nothing but the words of a diagnostic.

The language has codes, pointers and results; the wording of a message, what it says was found and is due, its help, and
the name of the source are an implementation's own, and no message of the protocol carries them. A place is
one for words if its value can only end up there: an argument of such a name where a diagnostic is made, an argument for
a parameter that is used in places for words only, a value for a variable that is read in those only, and the whole body
of a function that is called in those only. What may end up elsewhere is no place for words.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

KEYWORDS: Final = frozenset(("message", "help", "found", "expected", "source"))
"""The arguments of a diagnostic that a conforming implementation words as it likes."""

PURE: Final = frozenset(
    (
        *("str", "repr", "len", "sorted", "list", "tuple", "min", "max", "map", "set", "dict", "int", "abs", "round"),
        *("join", "format", "lower", "upper", "replace", "strip", "lstrip", "rstrip", "encode", "decode", "next"),
        *("quoted", "one_of", "did_you_mean", "suggestion", "legible", "describe_sort", "written"),
    )
)
"""Calls that have no effect but their result, so that their arguments go where it goes."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[int, int]


class Words:
    """The places for words in the sources of a package.

    A call is one of the function of that name in its own file, if there is one, else of any function of that name.
    """

    def __init__(self, files: list[Path]) -> None:
        self._trees = {file: ast.parse(file.read_text("utf-8")) for file in files}
        self._parents = {
            child: node
            for tree in self._trees.values()
            for node in ast.walk(tree)
            for child in ast.iter_child_nodes(node)
        }
        self._functions: dict[str, list[Function]] = defaultdict(list)
        self._uses: dict[str, list[ast.expr]] = defaultdict(list)
        self._files: dict[ast.AST, Path] = {}
        for file, tree in self._trees.items():
            for node in ast.walk(tree):
                self._files[node] = file
                if isinstance(node, Function):
                    self._functions[node.name].append(node)
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    self._uses[node.id].append(node)
                elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                    self._uses[node.attr].append(node)
        self._variables: set[tuple[Function, str]] = set()
        self._makers: set[Function] = set()
        self._settle()
        self._ranges = {file: sorted(self._found(file, tree)) for file, tree in self._trees.items()}

    def holds(self, file: Path, start: Place, end: Place) -> bool:
        """Whether a place of a file, from (line, column) to (line, column), is one for words."""
        return any(first <= start and end <= last for first, last in self._ranges[file])

    def _settle(self) -> None:
        before = -1
        while before != len(self._variables) + len(self._makers):
            before = len(self._variables) + len(self._makers)
            for name, functions in self._functions.items():
                for function in functions:
                    for variable in self._names(function):
                        reads = list(self._reads(function, variable))
                        if reads and all(self._is_words(read) for read in reads):
                            self._variables.add((function, variable))
                    uses = [use for use in self._uses.get(name, []) if function in self._called(use, name)]
                    calls = [(self._parents[use], use) for use in uses]
                    if calls and all(
                        isinstance(c, ast.Call) and c.func is use and self._is_words(c) for c, use in calls
                    ):
                        self._makers.add(function)

    def _called(self, node: ast.AST, name: str) -> list[Function]:
        functions = self._functions.get(name, [])
        return [function for function in functions if self._files[function] == self._files[node]] or functions

    @staticmethod
    def _names(function: Function) -> Iterator[str]:
        arguments = function.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.arg not in ("self", "cls"):
                yield argument.arg
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id

    @staticmethod
    def _reads(function: Function, name: str) -> Iterator[ast.expr]:
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                yield node

    def _is_words(self, node: ast.AST) -> bool:
        """Whether the value of an expression goes to words only."""
        while True:
            parent = self._parents.get(node)
            match parent:
                case ast.keyword(arg=str(name)):
                    return (name in KEYWORDS and self._makes(parent)) or self._parameter(parent, name)
                case ast.Call() if node is not parent.func:
                    if self._argument(parent, node):
                        return True
                    if not self._is_pure(parent):
                        return False
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                    function = self._around(parent)
                    return function is not None and (function, name) in self._variables
                case ast.Return():
                    function = self._around(parent)
                    return function is not None and function in self._makers
                case ast.IfExp() | ast.BoolOp() | ast.BinOp() | ast.JoinedStr() | ast.FormattedValue() | ast.UnaryOp():
                    pass
                case ast.Subscript() | ast.Attribute() | ast.Compare() | ast.Call() | ast.Tuple() | ast.List():
                    pass
                case ast.GeneratorExp() | ast.ListComp() | ast.comprehension() | ast.Starred():
                    pass
                case _:
                    return self._within_maker(node)
            node = parent

    def _within_maker(self, node: ast.AST) -> bool:
        function = self._around(node)
        return function is not None and function in self._makers

    def _makes(self, keyword: ast.keyword) -> bool:
        """Whether the call that a keyword belongs to takes it as words: it makes a diagnostic, or hands it on."""
        call = self._parents[keyword]
        assert isinstance(call, ast.Call)
        name = _name(call.func)
        if name in ("Diagnostic", "because", "evolve"):
            return True
        functions = self._called(call, name)
        return bool(functions) and all(function.args.kwarg is not None for function in functions)

    def _parameter(self, keyword: ast.keyword, name: str) -> bool:
        call = self._parents[keyword]
        assert isinstance(call, ast.Call)
        functions = self._called(call, _name(call.func))
        return bool(functions) and all((function, name) in self._variables for function in functions)

    def _argument(self, call: ast.Call, node: ast.AST) -> bool:
        """Whether a positional argument is for a parameter that is used for words only."""
        name = _name(call.func)
        if name == "because" and node in call.args:
            return call.args.index(node) == 1  # type: ignore[arg-type]
        functions = self._called(call, name)
        if not functions or node not in call.args:
            return False
        for function in functions:
            parameters = [p.arg for p in (*function.args.posonlyargs, *function.args.args)]
            if parameters[:1] in (["self"], ["cls"]):
                parameters = parameters[1:]
            at = call.args.index(node)  # type: ignore[arg-type]
            if at >= len(parameters) or (function, parameters[at]) not in self._variables:
                return False
        return True

    @staticmethod
    def _is_pure(call: ast.Call) -> bool:
        """Whether a call has no effect but its result, so that its arguments go where it goes."""
        return _name(call.func) in PURE

    def _around(self, node: ast.AST) -> Function | None:
        while node in self._parents:
            node = self._parents[node]
            if isinstance(node, Function):
                return node
        return None

    def _found(self, file: Path, tree: ast.Module) -> Iterator[tuple[Place, Place]]:
        text = file.read_text("utf-8").split("\n")

        def place(line: int, octets: int) -> Place:
            return line, len(text[line - 1].encode()[:octets].decode())

        for node in ast.walk(tree):
            if isinstance(node, Function):
                words = node in self._makers
            elif isinstance(node, ast.keyword):
                words = self._is_words(node.value)
            else:
                words = isinstance(node, ast.expr) and self._is_words(node)
            if words:
                assert isinstance(node, Function | ast.keyword | ast.expr)
                assert node.end_lineno is not None
                assert node.end_col_offset is not None
                yield place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)


def _name(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )
