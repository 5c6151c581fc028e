"""The signature as a table, read off the annotations in `policy_ir.terms`.

Admission, the loader, the JSON Schema, the reference pages, the Hypothesis strategies and the conformance
manifest are derived from `SIGNATURE`; a new operation is one class in `terms`. Specification: chapter "Syntax".
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import attrs

from policy_ir import terms
from policy_ir.terms import Laws, Origin, ParameterSort, Subsort, Term

TERM_SORTS: Mapping[str, type[Term]] = MappingProxyType(
    {
        sort.__name__: sort
        for sort in (terms.Policy, terms.Pred, terms.Scorer, terms.Selector, terms.Xform, terms.FailPlan)
    }
)
"""The term sorts by name. `Policy` has one operation, so its class is the sort."""


@attrs.frozen(slots=True)
class Argument:
    """One argument of an operation.

    `sort` is the name of a term sort or of a parameter sort; `subsort` narrows a term sort. A `variadic`
    argument stands for one or more subterms and is the only argument of its operation.
    """

    name: str
    sort: str
    expected: str
    is_term: bool
    variadic: bool = False
    subsort: Subsort | None = None


@attrs.frozen(slots=True, eq=False)
class Operation:
    """One row of the signature."""

    op: str
    cls: type[Term]
    sort: str
    arguments: tuple[Argument, ...]
    laws: Laws | None
    feature: str
    since: str
    about: str

    @property
    def variadic(self) -> bool:
        """Whether the operation takes one or more subterms of one sort."""
        return bool(self.arguments) and self.arguments[0].variadic


def sort_of(cls: type[Term]) -> str:
    """The name of the term sort of an operation's class."""
    return next(name for name, sort in TERM_SORTS.items() if issubclass(cls, sort))


_ARTICLES = {"Policy": "a policy", "Pred": "a predicate", "Scorer": "a scorer", "Selector": "a selector",
             "Xform": "a transform", "FailPlan": "a failure plan"}  # fmt: skip


def describe_sort(sort: str) -> str:
    """A term sort as a message names it, with its article: `a predicate`."""
    return _ARTICLES[sort]


def _argument(name: str, annotation: Any) -> Argument:
    variadic = typing.get_origin(annotation) is tuple
    inner = typing.get_args(annotation)[0] if variadic else annotation
    match next(iter(getattr(inner, "__metadata__", ())), None):
        case ParameterSort() as mark:
            return Argument(name, mark.name, mark.expected, is_term=False)
        case Subsort() as mark:
            return Argument(name, mark.parent, mark.expected, is_term=True, subsort=mark)
        case _:
            sort = inner.__name__
            return Argument(name, sort, describe_sort(sort), is_term=True, variadic=variadic)


def _operation(cls: type[Term]) -> Operation:
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = attrs.fields(typing.cast("type[attrs.AttrsInstance]", cls))
    names = [field.name for field in fields if field.name != "origin"]
    return Operation(
        op=cls.op,
        cls=cls,
        sort=sort_of(cls),
        arguments=tuple(_argument(name, hints[name]) for name in names),
        laws=cls.laws,
        feature=cls.feature,
        since=cls.since,
        about=(cls.__doc__ or "").strip(),
    )


def _classes() -> list[type[Term]]:
    declared = [value for value in vars(terms).values() if isinstance(value, type) and issubclass(value, Term)]
    return [cls for cls in declared if "op" in vars(cls)]


SIGNATURE: Mapping[str, Operation] = MappingProxyType({cls.op: _operation(cls) for cls in _classes()})
"""The operations by name, in the order of the specification."""

FEATURES: tuple[str, ...] = tuple(dict.fromkeys(row.feature for row in SIGNATURE.values()))
"""The features, `core` first. An implementation of `core` alone can run what sigma-pol/v2 runs."""


def operations_of(sort: str) -> tuple[Operation, ...]:
    """The operations of a term sort, in the order of the specification."""
    return tuple(row for row in SIGNATURE.values() if row.sort == sort)


def arguments_of(term: Term) -> tuple[Any, ...]:
    """The arguments of a node in wire order, a variadic operation's subterms spread out."""
    row = SIGNATURE[term.op]
    if row.variadic:
        return tuple(getattr(term, row.arguments[0].name))
    return tuple(getattr(term, argument.name) for argument in row.arguments)


def subterms_of(term: Term) -> tuple[Term, ...]:
    """The direct subterms of a node, in wire order."""
    return tuple(argument for argument in arguments_of(term) if isinstance(argument, Term))


def build(cls: type[Term], arguments: Sequence[Any], origin: Origin | None = None) -> Term:
    """The node of an operation with these arguments in wire order: the inverse of `arguments_of`."""
    make: Any = cls
    if SIGNATURE[cls.op].variadic:
        return make(tuple(arguments), origin=origin)  # type: ignore[no-any-return]
    return make(*arguments, origin=origin)  # type: ignore[no-any-return]


def size_of(term: Term) -> int:
    """How many nodes a term has; parameters are not nodes."""
    return 1 + sum(map(size_of, subterms_of(term)))


def located(term: Term, source: str = "policy", pointer: str = "") -> Term:
    """The term with the origins that reading it would give its nodes. Recurses to the depth of the term."""
    parts = [
        located(part, source, f"{pointer}/{at}") if isinstance(part, Term) else part
        for at, part in enumerate(arguments_of(term), 1)
    ]
    return build(type(term), parts, Origin(source, pointer))
