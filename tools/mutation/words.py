"""Tells which places of the sources reach nothing but the words of a diagnostic.

The language has codes, pointers and results; the wording of a message, what it says was found and is due, its help, and
the name of the source are an implementation's own, and no message of the protocol carries them. A place is
one for words if its value can only end up there: an argument of such a name where a diagnostic is made, an argument for
a parameter that is used in places for words only, a value for a variable that is read in those only, and the whole body
of a function that is called in those only. So is the text of an exception that is a bug wherever it is raised. What may
end up elsewhere is no place for words.
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

MAKERS: Final = ("Diagnostic", "because", "evolve", "report", "refuse")
"""What makes a diagnostic, whatever it is called on; a text among its arguments is words."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[int, int]


class Words:
    """The places for words in these files of the package."""

    def __init__(self, files: list[Path]) -> None:
        self._trees = {file: ast.parse(file.read_text("utf-8")) for file in files}
        self._parents: dict[ast.AST, ast.AST] = {}
        self._files: dict[ast.AST, Path] = {}
        self._functions: dict[str, list[Function]] = defaultdict(list)
        self._modules: dict[Path, dict[str, str]] = {}
        for file, tree in self._trees.items():
            self._modules[file] = dict(_modules(tree))
            for node in ast.walk(tree):
                self._files[node] = file
                self._parents.update((child, node) for child in ast.iter_child_nodes(node))
                if isinstance(node, Function):
                    self._functions[node.name].append(node)
        self._reading = {
            (function, name): list(self._reads(function, name))
            for functions in self._functions.values()
            for function in functions
            for name in set(self._names(function))
        }
        self._calls: dict[Function, list[ast.expr]] = defaultdict(list)
        for tree in self._trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                    for function in self._called(node):
                        self._calls[function].append(node)
        # Everything is for words until something is found that it is for besides: what only goes round in a circle,
        # as between functions that call each other, goes nowhere else.
        self._variables = {variable for variable, reads in self._reading.items() if reads}
        self._makers = {function for function in self._calls if not function.name.startswith("__")}
        while self._drop():
            pass
        self._ranges = {file: sorted(self._found(file, tree)) for file, tree in self._trees.items()}

    def holds(self, file: Path, start: Place, end: Place) -> bool:
        """Whether a place of a file, from (line, column) to (line, column), is one for words."""
        return any(first <= start and end <= last for first, last in self._ranges[file])

    def _drop(self) -> bool:
        """Drop the variables and functions that are for something besides; whether there were any."""
        variables = {v for v in self._variables if not all(map(self._is_words, self._reading[v]))}
        makers = {f for f in self._makers if not all(map(self._is_call_for_words, self._calls[f]))}
        self._variables -= variables
        self._makers -= makers
        return bool(variables or makers)

    def _is_call_for_words(self, use: ast.expr) -> bool:
        call = self._parents[use]
        if not isinstance(call, ast.Call) or (call.func is not use and _name(call.func) != "map"):
            return False
        return self._is_words(call)

    def _called(self, use: ast.expr) -> list[Function]:
        """The functions that a name or an attribute may mean."""
        functions = self._functions.get(_name(use), [])
        if not functions:
            return []
        own = [function for function in functions if self._files[function] == self._files[use]]
        match use:
            case ast.Name(id=name):
                around = self._around(use)
                while around is not None:
                    if (around, name) in self._reading and not any(f for f in own if self._around(f) is around):
                        return []
                    around = self._around(around)
                return own or ([f for f in functions if not self._is_method(f)])
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                return own or [function for function in functions if self._is_method(function)]
            case ast.Attribute(value=ast.Name(id=name)) if name in self._modules[self._files[use]]:
                module = self._modules[self._files[use]][name]
                return [function for function in functions if _ends(self._files[function], module)]
            case _:
                return [function for function in functions if self._is_method(function)]

    def _is_method(self, function: Function) -> bool:
        return isinstance(self._parents[function], ast.ClassDef)

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
                case ast.keyword(arg=None):
                    return self._makes(parent)
                case ast.keyword(arg=str(name)):
                    return (name in KEYWORDS and self._makes(parent)) or self._parameter(parent, name)
                case ast.Call() if node is not parent.func:
                    if _name(parent.func).endswith("Error") or self._argument(parent, node):
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
                case (
                    ast.Subscript()
                    | ast.Attribute()
                    | ast.Compare()
                    | ast.Call()
                    | ast.Tuple()
                    | ast.List()
                    | ast.Dict()
                ):
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
        if _name(call.func) in MAKERS:
            return True
        functions = self._called(call.func)
        return bool(functions) and all(function.args.kwarg is not None for function in functions)

    def _parameter(self, keyword: ast.keyword, name: str) -> bool:
        call = self._parents[keyword]
        assert isinstance(call, ast.Call)
        functions = self._called(call.func)
        return bool(functions) and all((function, name) in self._variables for function in functions)

    def _argument(self, call: ast.Call, node: ast.AST) -> bool:
        """Whether a positional argument is for a parameter that is used for words only."""
        if node not in call.args:
            return False
        at = call.args.index(node)  # type: ignore[arg-type]
        if _name(call.func) in MAKERS:
            return at > 0 and isinstance(node, ast.JoinedStr | ast.Constant)
        functions = self._called(call.func)
        for function in functions:
            parameters = [p.arg for p in (*function.args.posonlyargs, *function.args.args)]
            if parameters[:1] in (["self"], ["cls"]):
                parameters = parameters[1:]
            if at >= len(parameters) or (function, parameters[at]) not in self._variables:
                return False
        return bool(functions)

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


def _modules(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that modules have in a file, and what their files end in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}".replace(".", "/")


def _ends(file: Path, module: str) -> bool:
    return file.with_suffix("").as_posix().removesuffix("/__init__").endswith(module)


def _name(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )
