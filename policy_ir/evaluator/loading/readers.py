"""The functions that read nodes: one per operation, generated from the signature for a vocabulary.

The one for `cmp` reads

    def read_cmp(wire, place, load):
        _, field, rel, bound = wire
        if type(field) is not str: raise Doubtful
        data_field = NumField[field]
        if type(rel) is not str: raise Doubtful
        data_rel = Rel[rel]
        if type(bound) is not float and type(bound) is not int: raise Doubtful
        bound, data_bound = Num[bound]
        node = new(Cmp)
        set_Cmp_origin(node, place[0])
        set_Cmp_field(node, field)
        set_Cmp_rel(node, rel)
        set_Cmp_bound(node, bound)
        return node, node, start_cmp + data_field + data_rel + data_bound

where `NumField`, `Rel` and `Num` are tables of `parameters`. A node is filled through the descriptors of its slots,
as the constructor of a frozen class would do with more ado; what the constructor makes of a number, the table has made
already. A reader returns the node, its normal form and the bytes of that. `source_of` says what each function is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType
from typing import Any, Final, TypeAlias, cast

from policy_ir.admission.rules import unruly_node
from policy_ir.cbor import encode
from policy_ir.evaluator.loading.doubt import Doubtful, doubt
from policy_ir.evaluator.loading.parameters import COUNTS, FUNCTIONS, NUMBERS, tables_of
from policy_ir.evaluator.loading.places import PLACES, Place
from policy_ir.evaluator.loading.rewriting import LOCAL, MAXIMAL, Known, setters_of, settled, siblings_of, start_of
from policy_ir.signature import SIGNATURE, TERM_SORTS, Argument, Operation
from policy_ir.syntax.bounds import NODES
from policy_ir.vocabulary import Vocabulary


class Load:
    """One load: its vocabulary, how many nodes there may still be, whether a pointwise scorer is read."""

    __slots__ = ("encodings", "known", "left", "pointwise", "vocabulary")

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.left = NODES - 1  # the root is one
        self.pointwise = False
        self.encodings = Known()
        self.known = self.encodings.known


Reader: TypeAlias = Callable[[list[Any], Place, Load], tuple[Any, Any, bytes]]
"""Wire form, place and load to a node, its normal form and the bytes of that. Raises one of `DOUBTS`."""

_NUMBERS: Final = {"Num": NUMBERS, "Count": COUNTS}

_RULED: Final = frozenset({"ParamName", "Recipe", "Sym"})
"""The sorts of parameters of which a table cannot say that admission has nothing against them."""


def readers_of(vocabulary: Vocabulary) -> Mapping[str, Reader]:
    """The readers of all operations under a vocabulary, by operation; they do not refer to the vocabulary."""
    by_sort: dict[str, dict[str, Reader]] = {sort: {} for sort in TERM_SORTS}
    names: dict[str, Any] = {**_NAMES, **tables_of(vocabulary)}
    names |= {f"{sort}_by_op": readers for sort, readers in by_sort.items()}
    readers: dict[str, Reader] = {}
    for row in SIGNATURE.values():
        if row.variadic:
            reader = _variadic(row, by_sort[row.arguments[0].sort])
        else:
            exec(_code_of(row.op), names)
            reader = names[f"read_{row.op}"]
        readers[row.op] = by_sort[row.sort][row.op] = reader
    return readers


def _variadic(row: Operation, readers: Mapping[str, Reader]) -> Reader:
    """The reader of a variadic operation, whose subterms these readers read."""
    rewrite = siblings_of(row)
    cls: Any = row.cls
    set_origin, set_parts = setters_of(row)

    def read(wire: list[Any], place: Place, load: Load) -> tuple[Any, Any, bytes]:
        size = len(wire)
        load.left -= size - 1
        if load.left < 0 or size < 2:
            raise Doubtful
        if len(place) < size:
            PLACES.grow(place, size)
        at = iter(place)  # there may be more places than arguments
        next(at)
        read_parts = [
            readers[part[0]](part, next(at), load) if type(part) is list and type(part[0]) is str else doubt()
            for part in wire[1:]
        ]
        parts, normals, keys = zip(*read_parts, strict=True)
        node = new(cls)
        set_origin(node, place[0])
        set_parts(node, parts)
        return node, *rewrite(node, parts, normals, keys, load.encodings)

    return read


# --- generating ----------------------------------------------------------------------------------------------------


@cache
def _code_of(op: str) -> CodeType:
    return compile(source_of(SIGNATURE[op]), f"<reader of {op}>", "exec")


def source_of(row: Operation) -> str:
    """The text of the function that reads an operation that is not variadic."""
    lines = [f"_, {', '.join(argument.name for argument in row.arguments)} = wire"]
    if any(argument.is_term for argument in row.arguments):
        lines += [
            f"load.left -= {sum(argument.is_term for argument in row.arguments)}",
            "if load.left < 0: raise Doubtful",
            f"if len(place) <= {len(row.arguments)}: grow(place, {len(row.arguments) + 1})",
        ]
    for at, argument in enumerate(row.arguments, 1):
        lines += _reading_term(row, argument, at) if argument.is_term else _reading_parameter(argument)
    lines += [*_making("node", row, ""), *_judging(row), *_returning(row)]
    return "".join([f"def read_{row.op}(wire, place, load):\n", *(f"    {line}\n" for line in lines)])


def _reading_parameter(argument: Argument) -> list[str]:
    name, sort = argument.name, argument.sort
    if sort in FUNCTIONS:
        telling = [_telling(name, f"data_{name}")] if sort == "Action" else []
        return [f"{name}, data_{name} = {sort}({name})", *telling]
    if sort in _NUMBERS:
        return [
            f"if type({name}) is not float and type({name}) is not int: raise Doubtful",
            f"{name}, data_{name} = {sort}[{name}]",
        ]
    return [f"if type({name}) is not str: raise Doubtful", f"data_{name} = {sort}[{name}]"]


def _reading_term(row: Operation, argument: Argument, at: int) -> list[str]:
    name, sort = argument.name, argument.sort
    lines = [
        f"if type({name}) is not list or type({name}[0]) is not str: raise Doubtful",
        f"{name}, normal_{name}, data_{name} = {sort}_by_op[{name}[0]]({name}, place[{at}], load)",
    ]
    if argument.subsort is not None:
        lines = ["outside, load.pointwise = load.pointwise, True", *lines, "load.pointwise = outside"]
    if row.op not in MAXIMAL and any(SIGNATURE[op].sort == sort for op in MAXIMAL):
        lines.append(
            f"if type(normal_{name}).op in MAXIMAL: "
            f"normal_{name}, data_{name} = settled(normal_{name}, data_{name}, MAXIMAL, load.encodings)"
        )
    return lines


def _judging(row: Operation) -> list[str]:
    """Lines that doubt what the tables cannot say to be admitted."""
    if row.op == "normalize":
        return ["if load.pointwise: raise Doubtful"]
    if _RULED.isdisjoint(argument.sort for argument in row.arguments):
        return []
    return ["if any(unruly_node(node, '', load.pointwise, load.vocabulary)): raise Doubtful"]


def _returning(row: Operation) -> list[str]:
    """Lines that return the node, its normal form and its bytes."""
    names = [argument.name for argument in row.arguments if argument.is_term]
    data = " + ".join([f"start_{row.op}", *(f"data_{argument.name}" for argument in row.arguments)])
    if not names:
        return [f"return node, {_settled('node', data)}" if row.op in LOCAL else f"return node, node, {data}"]
    lines = [
        f"if {' and '.join(f'normal_{name} is {name}' for name in names)}: normal = node",
        "else:",
        *(f"    {line}" for line in _making("normal", row, "normal_")),
    ]
    if row.op in LOCAL:
        lines += [_telling(f"normal_{name}", f"data_{name}") for name in names]
        lines += [f"if {_odd(row)}: return node, {_settled('normal', data)}"]
    return [*lines, f"return node, normal, {data}"]


def _odd(row: Operation) -> str:
    """The condition that a local equation may apply to a node with subterms, none of which an equation applies to.

    All equations ask for a subterm without arguments, for one of the same operation, or for the factor 0 or 1.
    """
    tests = [f"type(normal_{argument.name}) in odd_{row.op}" for argument in row.arguments if argument.is_term]
    tests += [f"data_{argument.name} in odd_numbers" for argument in row.arguments if argument.sort == "Num"]
    return " or ".join(tests)


def _settled(node: str, data: str) -> str:
    return f"*settled({node}, {data}, LOCAL, load.encodings)"


def _making(node: str, row: Operation, prefix: str) -> list[str]:
    """Lines that make a node of the arguments; of its subterms, those with the prefix."""
    cls = row.cls.__name__
    return [
        f"{node} = new({cls})",
        f"set_{cls}_origin({node}, place[0])",
        *(
            f"set_{cls}_{argument.name}({node}, {prefix if argument.is_term else ''}{argument.name})"
            for argument in row.arguments
        ),
    ]


def _telling(part: str, data: str) -> str:
    """A line that tells what the bytes of a part are, for equations that put it elsewhere."""
    return f"load.known[id({part})] = {part}, {data}"


new: Final = object.__new__


def _names() -> dict[str, Any]:
    """The names that the generated functions use, but for those of a vocabulary."""
    names: dict[str, Any] = {
        **_NUMBERS, **FUNCTIONS, "LOCAL": LOCAL, "MAXIMAL": MAXIMAL, "Doubtful": Doubtful,
        "grow": PLACES.grow, "new": new, "settled": settled, "odd_numbers": (encode(0), encode(1)),
        "unruly_node": unruly_node,
    }  # fmt: skip
    constants = {row.cls for row in SIGNATURE.values() if not row.arguments}
    for row in SIGNATURE.values():
        cls = cast(Any, row.cls)
        names[cls.__name__] = cls
        names[f"start_{row.op}"] = start_of(row)
        names[f"odd_{row.op}"] = constants | {cls}
        parts = ("origin", *(argument.name for argument in row.arguments))
        names |= {f"set_{cls.__name__}_{part}": setter for part, setter in zip(parts, setters_of(row), strict=True)}
    return names


_NAMES: Final = _names()
