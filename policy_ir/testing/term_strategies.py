"""Terms of every sort, over all operations of the signature, with their size under control."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import Any

from hypothesis import strategies as st

from policy_ir.admission.rules import MAX_ATTEMPTS, MAX_BACKOFF_MS, MAX_BREAKER_MS
from policy_ir.field_values import MOST_SEED
from policy_ir.signature import TERM_SORTS, Argument, Operation, build, operations_of, size_of, subterms_of
from policy_ir.terms import (
    ACTION_KEYS,
    RELATIONS,
    VERBS,
    Action,
    Boolean,
    ChainEntry,
    Number,
    Policy,
    RecipeRecord,
    Relation,
    Term,
    Text,
)
from policy_ir.testing.pools import FAMILIES, PROVIDERS, REASONS, TAG_VALUES, integers, numbers, standard, texts

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
    backoff = numbers(0.0, MAX_BACKOFF_MS) if admitted else numbers()
    then = [verb for verb in VERBS if verb != "retry_same"] if admitted else list(VERBS)
    key = texts().filter(lambda name: name not in ACTION_KEYS)
    return st.builds(
        Action,
        action=st.sampled_from(VERBS),
        attempts=st.none() | (integers(0, MAX_ATTEMPTS) if admitted else numbers()),
        backoff_ms=st.one_of(st.none(), backoff, st.lists(backoff, max_size=4).map(tuple)),
        then_action=st.none() | st.sampled_from(then),
        open_breaker_ms=st.none() | (numbers(0.0, MAX_BREAKER_MS) if admitted else numbers()),
        extra=st.dictionaries(key, numbers(), max_size=2).map(lambda extra: tuple(extra.items())),
    )


def recipes(*, admitted: bool = True) -> st.SearchStrategy[tuple[str | RecipeRecord, ...]]:
    """Lists of filter steps, bare or with settings."""
    known = standard().recipes
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


def _pick(known: Collection[str], admitted: bool) -> st.SearchStrategy[str]:
    declared = st.sampled_from(tuple(known)) if known else st.nothing()
    return declared if admitted else declared | texts()


@functools.cache
def parameters(sort: str, *, admitted: bool = True) -> st.SearchStrategy[Any]:
    """Values of a parameter sort as the typed tree holds them."""
    known = standard()
    by_sort: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "Num": numbers,
        "Count": lambda: integers(1, 12) | integers(1) if admitted else numbers(),
        "Rel": relations,
        "NumField": lambda: _pick(known.fields_of(["num"]), admitted),
        "BoolField": lambda: _pick(known.fields_of(["bool"]), admitted),
        "TagField": lambda: _pick(known.fields_of(["tag", "tags"]), admitted),
        "Field": lambda: _pick(known.fields, admitted),
        "Tier": lambda: _pick(known.tiers, admitted),
        "Name": names,
        "Names": lambda: st.lists(names(), min_size=1, max_size=4).map(tuple),
        "ParamName": lambda: _pick(known.params, admitted),
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
    declared = standard().params[name]
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
    return st.sampled_from([name for name, declared in standard().params.items() if declared.sort in sorts])


@st.composite
def _set_param(draw: st.DrawFn) -> tuple[Any, ...]:
    name = draw(st.sampled_from(tuple(standard().params)))
    return name, draw(_param_value(name))


@st.composite
def _clamp_param(draw: st.DrawFn) -> tuple[Any, ...]:
    name = draw(_numeric_params("number", "integer"))
    return name, draw(_param_value(name)).value, draw(_param_value(name)).value


@st.composite
def _jitter(draw: st.DrawFn) -> tuple[Any, ...]:
    name = draw(_numeric_params("number"))
    declared = standard().params[name]
    least, greatest = declared.minimum, declared.maximum
    room = 100.0 if least is None or greatest is None else greatest - least
    return name, draw(numbers(-room, room))


def _inject_seed() -> st.SearchStrategy[tuple[Any, ...]]:
    numeric = [declared for declared in standard().params.values() if declared.numeric]
    holders = [param.name for param in numeric if param.in_range(0) and param.in_range(MOST_SEED)]
    return st.tuples(st.sampled_from(holders))


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
    return not admitted or row.op != "custom" or bool(standard().customs)


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


def depth_of(term: Term) -> int:
    """How deep a term is; a leaf is 1 deep."""
    return 1 + max(map(depth_of, subterms_of(term)), default=0)


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
