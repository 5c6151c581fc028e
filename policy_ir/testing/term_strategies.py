"""Terms of every sort, over all operations of the signature, with their size under control."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from policy_ir.signature import TERM_SORTS, Argument, Operation, arguments_of, build, operations_of
from policy_ir.terms import (
    Action,
    Boolean,
    ChainEntry,
    Number,
    Origin,
    Policy,
    RecipeRecord,
    Relation,
    Term,
    Text,
    Verb,
)
from policy_ir.testing.pools import FAMILIES, PROVIDERS, REASONS, TAG_VALUES, integers, numbers, pools, texts

if TYPE_CHECKING:
    from policy_ir.vocabulary import ParamDeclaration

RELATIONS: tuple[Relation, ...] = ("le", "lt", "ge", "gt", "eq", "ne")
VERBS: tuple[Verb, ...] = (
    "next_candidate",
    "retry_same",
    "next_provider_same_model",
    "disable_provider",
    "abort",
)
ACTION_KEYS = frozenset(field.name for field in attrs.fields(Action)) - {"extra"}

# --- parameters ----------------------------------------------------------------------------------------------


def names() -> st.SearchStrategy[str]:
    """Names of an open namespace: providers, families, tags, capabilities, reasons."""
    return st.sampled_from(TAG_VALUES) | texts()


def relations() -> st.SearchStrategy[Relation]:
    """The six relations."""
    return st.sampled_from(RELATIONS)


def _scalars() -> st.SearchStrategy[Number | Text | Boolean]:
    return st.one_of(numbers().map(Number), texts().map(Text), st.booleans().map(Boolean))


def actions(*, admitted: bool = True) -> st.SearchStrategy[Action]:
    """Action records; admitted ones keep the bounds of attempts, backoffs and breakers."""
    backoff = numbers(0.0, 60000.0) if admitted else numbers()
    then = [verb for verb in VERBS if verb != "retry_same"] if admitted else list(VERBS)
    key = texts().filter(lambda name: name not in ACTION_KEYS)
    return st.builds(
        Action,
        action=st.sampled_from(VERBS),
        attempts=st.none() | (integers(0, 10) if admitted else numbers()),
        backoff_ms=st.one_of(st.none(), backoff, st.lists(backoff, min_size=1, max_size=4).map(tuple)),
        then_action=st.none() | st.sampled_from(then),
        open_breaker_ms=st.none() | (numbers(0.0, 3600000.0) if admitted else numbers()),
        extra=st.dictionaries(key, numbers(), max_size=2).map(lambda extra: tuple(extra.items())),
    )


def recipes(*, admitted: bool = True) -> st.SearchStrategy[tuple[str | RecipeRecord, ...]]:
    """Lists of filter steps, bare or with settings."""
    known = pools().recipes
    step = st.sampled_from(known) if admitted and known else names()
    record = st.dictionaries(step, numbers(), max_size=3).map(lambda entries: RecipeRecord(tuple(entries.items())))
    return st.lists(step | record, max_size=0 if admitted and not known else 3).map(tuple)


def chains() -> st.SearchStrategy[tuple[ChainEntry, ...]]:
    """Whitelists under every spelling of their keys, duplicates included."""
    providers = st.one_of(*[st.sampled_from(PROVIDERS)] * 4, texts())  # often those that candidates have
    families = st.one_of(*[st.sampled_from(FAMILIES)] * 4, texts())
    spellings = st.sampled_from(["first", "second", "both"])

    def spelled(first: str, second: str, spelling: str) -> tuple[str | None, str | None]:
        return (None if spelling == "second" else first, None if spelling == "first" else second)

    def entry(one: tuple[str | None, str | None], two: tuple[str | None, str | None]) -> ChainEntry:
        return ChainEntry(provider=one[0], provider_id=one[1], model=two[0], model_family=two[1])

    def pairs(names: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str | None, str | None]]:
        return st.builds(spelled, names, names, spellings)

    return st.lists(st.builds(entry, pairs(providers), pairs(families)), max_size=6).map(tuple)


def _pick(known: tuple[str, ...], admitted: bool) -> st.SearchStrategy[str]:
    declared = st.sampled_from(known) if known else st.nothing()
    return declared if admitted else declared | texts()


@functools.cache
def parameters(sort: str, *, admitted: bool = True) -> st.SearchStrategy[Any]:
    """Values of a parameter sort as the typed tree holds them."""
    known = pools()
    by_sort: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "Num": numbers,
        "Count": lambda: integers(1, 12) | integers(1) if admitted else numbers(),
        "Rel": relations,
        "NumField": lambda: _pick(known.nums, admitted),
        "BoolField": lambda: _pick(known.bools, admitted),
        "TagField": lambda: _pick(known.tags, admitted),
        "Field": lambda: _pick(tuple(sorted(known.fields)), admitted),
        "Tier": lambda: _pick(known.tiers, admitted),
        "Name": names,
        "Names": lambda: st.lists(names(), min_size=1, max_size=4).map(tuple),
        "ParamName": lambda: _pick(tuple(known.params), admitted),
        "Scalar": _scalars,
        "Sym": lambda: _pick(known.customs, admitted),
        "Reason": lambda: st.sampled_from(REASONS) | texts(),
        "Action": lambda: actions(admitted=admitted),
        "Recipe": lambda: recipes(admitted=admitted),
        "Chain": chains,
    }
    return by_sort[sort]()


def _param_value(name: str) -> st.SearchStrategy[Number | Text | Boolean]:
    """Values of the sort and range of a declared request parameter."""
    declared = pools().params[name]
    match declared.sort:
        case "string":
            choices = declared.choices
            return (st.sampled_from(list(choices)) if choices else texts()).map(Text)
        case "boolean":
            return st.booleans().map(Boolean)
        case "integer":
            return integers(declared.minimum, declared.maximum).map(Number)
        case _:
            return numbers(declared.minimum, declared.maximum).map(Number)


def _numeric_params(*sorts: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, declared in pools().params.items() if declared.sort in sorts])


@st.composite
def _set_param(draw: st.DrawFn) -> tuple[Any, ...]:
    name = draw(st.sampled_from(tuple(pools().params)))
    return name, draw(_param_value(name))


@st.composite
def _clamp_param(draw: st.DrawFn) -> tuple[Any, ...]:
    name = draw(_numeric_params("number", "integer"))
    return name, draw(_param_value(name)).value, draw(_param_value(name)).value


@st.composite
def _jitter(draw: st.DrawFn) -> tuple[Any, ...]:
    name = draw(_numeric_params("number"))
    declared = pools().params[name]
    least, greatest = declared.minimum, declared.maximum
    room = 100.0 if least is None or greatest is None else greatest - least
    return name, draw(numbers(-room, room))


def _inject_seed() -> st.SearchStrategy[tuple[Any, ...]]:
    holders = [name for name, declared in pools().params.items() if declared.numeric and _holds_seeds(declared)]
    return st.tuples(st.sampled_from(holders))


def _holds_seeds(declared: ParamDeclaration) -> bool:
    return declared.in_range(0.0) and declared.in_range(2.0**53 - 1)


_TOGETHER: dict[str, Callable[[], st.SearchStrategy[tuple[Any, ...]]]] = {
    "set_param": _set_param,
    "clamp_param": _clamp_param,
    "jitter": _jitter,
    "inject_seed": _inject_seed,
}
"""Operations whose parameters must suit each other to be admitted. A new operation needs a row only for that."""


# --- terms ---------------------------------------------------------------------------------------------------


@functools.cache
def _least() -> dict[str, tuple[int, int]]:
    """Per term sort, the depth and the nodes of its smallest terms."""
    least: dict[str, tuple[int, int]] = {}
    while len(least) < len(TERM_SORTS):
        for sort in TERM_SORTS:
            sizes = [_least_of(row, least) for row in operations_of(sort) if _known(row, least)]
            if sizes:
                least[sort] = min(sizes)
    return least


def _known(row: Operation, least: dict[str, tuple[int, int]]) -> bool:
    return all(argument.sort in least for argument in row.arguments if argument.is_term)


def _least_of(row: Operation, least: dict[str, tuple[int, int]]) -> tuple[int, int]:
    sizes = [least[argument.sort] for argument in row.arguments if argument.is_term]
    return 1 + max((depth for depth, _ in sizes), default=0), 1 + sum(nodes for _, nodes in sizes)


def _possible(row: Operation, admitted: bool) -> bool:
    """Whether the vocabulary declares anything for the operation to name."""
    known = pools()
    return not admitted or bool({"Sym": known.customs}.get(row.arguments[0].sort, True) if row.arguments else True)


@st.composite
def _terms(draw: st.DrawFn, sort: str, admitted: bool, pointwise: bool, depth: int, nodes: int) -> Term:
    least = _least()
    rows = []
    for row in operations_of(sort):
        least_depth, least_nodes = _least_of(row, least)
        fits = least_depth <= depth and least_nodes <= nodes and _possible(row, admitted)
        if fits and not (pointwise and row.op == "normalize"):
            rows.append(row)
    inner = [row for row in rows if any(argument.is_term for argument in row.arguments)]
    leaves = [row for row in rows if row not in inner]
    grow = not leaves or (bool(inner) and draw(st.integers(0, 2)) > 0)
    row = draw(st.sampled_from(inner if grow else leaves))
    left = nodes - 1

    def subterm(argument: Argument, share: int) -> Term:
        nonlocal left
        narrow = admitted and (pointwise or argument.subsort is not None)
        term = draw(_terms(argument.sort, admitted, narrow, depth - 1, max(left // share, least[argument.sort][1])))
        left -= size_of(term)
        return term

    if row.variadic:
        count = draw(st.integers(1, min(4, left)))
        return build(row.cls, [subterm(row.arguments[0], count - i) for i in range(count)])
    if admitted and row.op in _TOGETHER:
        return build(row.cls, draw(_TOGETHER[row.op]()))
    waiting = sum(argument.is_term for argument in row.arguments)
    parts: list[Any] = []
    for argument in row.arguments:
        if argument.is_term:
            parts.append(subterm(argument, waiting))
            waiting -= 1
        else:
            parts.append(draw(parameters(argument.sort, admitted=admitted)))
    return build(row.cls, parts)


def size_of(term: Term) -> int:
    """How many nodes a term has; parameters are not nodes."""
    return 1 + sum(size_of(part) for part in arguments_of(term) if isinstance(part, Term))


def depth_of(term: Term) -> int:
    """How deep a term is; a leaf is 1 deep."""
    return 1 + max((depth_of(part) for part in arguments_of(term) if isinstance(part, Term)), default=0)


def terms(
    sort: str | None = None,
    *,
    admitted: bool = True,
    pointwise: bool = False,
    max_depth: int = 5,
    max_nodes: int = 24,
) -> st.SearchStrategy[Term]:
    """Terms of a sort (None: of any sort), at most so deep and of about so many nodes.

    Admitted ones pass admission under the vocabulary `standard`; others are well-sorted, but may name what nobody
    declared, hold `normalize` where a pointwise scorer is due, or numbers outside a bound. `pointwise` leaves out
    `normalize`. A policy is never smaller than its five slots. Nodes have no origin; `located` gives them one.
    """
    if sort is None:
        sorts = [name for name, (depth, _) in _sizes() if depth <= max_depth]
        return st.sampled_from(sorts).flatmap(
            lambda chosen: terms(chosen, admitted=admitted, max_depth=max_depth, max_nodes=max_nodes)
        )
    least_depth, least_nodes = dict(_sizes())[sort]
    return _terms(sort, admitted, pointwise, max(max_depth, least_depth), max(max_nodes, least_nodes))


def _sizes() -> list[tuple[str, tuple[int, int]]]:
    """The sorts, small ones first, with the size of their smallest terms."""
    return sorted(_least().items(), key=lambda item: item[1])


def policies(*, admitted: bool = True, max_depth: int = 5, max_nodes: int = 30) -> st.SearchStrategy[Policy]:
    """Whole policies."""
    found: st.SearchStrategy[Any] = terms("Policy", admitted=admitted, max_depth=max_depth, max_nodes=max_nodes)
    return found


def located(term: Term, source: str = "policy", pointer: str = "") -> Term:
    """The term with the origins that reading it would give its nodes."""
    parts = [
        located(part, source, f"{pointer}/{place}") if isinstance(part, Term) else part
        for place, part in enumerate(arguments_of(term), start=1)
    ]
    return build(type(term), parts, Origin(source, pointer))
