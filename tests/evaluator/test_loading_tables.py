"""What the fast load looks into: tables of parameters, places of nodes, readers of operations."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given

from policy_ir.cbor import encode
from policy_ir.equations import EQUATIONS
from policy_ir.evaluator.loading import load_policy
from policy_ir.evaluator.loading.doubt import Doubtful
from policy_ir.evaluator.loading.parameters import (
    FUNCTIONS,
    MOST,
    Counts,
    Names,
    Numbers,
    parameter_bytes,
    tables_of,
)
from policy_ir.evaluator.loading.places import PLACES, Place, Places
from policy_ir.evaluator.loading.readers import Load, readers_of, source_of
from policy_ir.evaluator.loading.rewriting import LOCAL, MAXIMAL
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.bounds import DEPTH
from policy_ir.syntax.loader import READERS
from policy_ir.terms import Action, Number, Origin
from policy_ir.testing.strategies import actions, numbers, texts
from policy_ir.values import part_value
from policy_ir.vocabulary import extend, vocabulary

STANDARD = vocabulary("standard")
PLAIN: list[Any] = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]


# --- parameters ----------------------------------------------------------------------------------------------------


def test_every_parameter_sort_has_a_table_or_a_function() -> None:
    assert {"Num", "Count", *tables_of(STANDARD), *FUNCTIONS} == set(READERS)


@given(numbers())
def test_a_number_has_the_bytes_of_the_encoder(number: float) -> None:
    assert Numbers()[number] == (number, encode(number))
    assert parameter_bytes(number) == encode(number)


@given(texts())
def test_a_name_has_the_bytes_of_the_encoder(name: str) -> None:
    assert Names()[name] == encode(name) == parameter_bytes(name)


@given(actions())
def test_an_action_has_the_bytes_of_the_encoder(action: Action) -> None:
    value = part_value(action)
    assert FUNCTIONS["Action"](value) == (action, encode(value))
    assert FUNCTIONS["Action"](dict(reversed(value.items()))) == (action, encode(value))  # type: ignore[union-attr]
    assert parameter_bytes(action) == encode(value)


@pytest.mark.parametrize(("table", "entry"), [(Names, str), (Numbers, float), (Counts, float)])
def test_a_table_forgets_everything_when_it_is_full(table: Any, entry: Any) -> None:
    full = table()
    for at in range(1, MOST + 1):
        full[entry(at)]
    assert len(full) == MOST
    full[entry(MOST + 1)]
    assert len(full) == 1


@pytest.mark.parametrize(
    ("table", "wrong"),
    [(Names, "x" * 257), (Numbers, float("nan")), (Numbers, float("inf")), (Counts, 0), (Counts, 1.5)],
)
def test_a_table_does_not_keep_what_is_wrong(table: Any, wrong: Any) -> None:
    empty = table()
    with pytest.raises(Doubtful):
        empty[wrong]
    assert len(empty) == 0


def test_a_vocabulary_s_tables_have_what_it_declares() -> None:
    tables = tables_of(STANDARD)
    assert tables["Field"].keys() == STANDARD.fields.keys()
    assert tables["NumField"].keys() == set(STANDARD.fields_of(["num"]))
    assert tables["Tier"].keys() == set(STANDARD.tiers)


# --- places --------------------------------------------------------------------------------------------------------


def test_a_place_has_the_origins_of_a_node_and_of_its_arguments() -> None:
    places = Places("floor", most=100)
    places.grow(places.root, 4)
    places.grow(places.root[2], 2)
    assert places.root[0] == Origin("floor", "")
    assert [place[0].pointer for place in places.root[1:]] == ["/1", "/2", "/3"]
    assert places.root[2][1] == [Origin("floor", "/2/1")]


def test_places_end_at_the_greatest_depth() -> None:
    places = Places("policy", most=100)
    place = places.root
    for _ in range(DEPTH - 1):
        places.grow(place, 2)
        place = place[1]
    with pytest.raises(Doubtful):
        places.grow(place, 2)


def test_places_start_anew_when_there_are_too_many() -> None:
    places = Places("policy", most=3)
    first = places.root
    places.grow(first, 4)
    assert places.root is first
    places.grow(first, 5)
    assert places.root == [Origin("policy", "")]
    assert first[4] == [Origin("policy", "/4")]


def test_loads_in_threads_grow_the_same_places() -> None:
    def value(width: int) -> list[Any]:
        return ["policy", ["top"], ["add", *[["lit", 2]] * width], *PLAIN[3:]]

    def load(width: int) -> bool:
        scorers = load_policy(value(width), STANDARD).term.rank.scorers  # type: ignore[attr-defined]
        return [scorer.origin.pointer for scorer in scorers] == [f"/2/{at}" for at in range(1, width + 1)]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(load, [*range(1, 200), *range(200, 1, -1)]))


# --- readers -------------------------------------------------------------------------------------------------------


def test_every_operation_has_a_reader() -> None:
    assert list(readers_of(STANDARD)) == list(SIGNATURE)


def test_the_reader_of_an_operation_can_be_read() -> None:
    assert source_of(SIGNATURE["cmp"]) == (
        "def read_cmp(wire, place, load):\n"
        "    _, field, rel, bound = wire\n"
        "    if type(field) is not str: raise Doubtful\n"
        "    data_field = NumField[field]\n"
        "    if type(rel) is not str: raise Doubtful\n"
        "    data_rel = Rel[rel]\n"
        "    if type(bound) is not float and type(bound) is not int: raise Doubtful\n"
        "    bound, data_bound = Num[bound]\n"
        "    node = new(Cmp)\n"
        "    set_Cmp_origin(node, place[0])\n"
        "    set_Cmp_field(node, field)\n"
        "    set_Cmp_rel(node, rel)\n"
        "    set_Cmp_bound(node, bound)\n"
        "    return node, node, start_cmp + data_field + data_rel + data_bound\n"
    )


def test_every_equation_is_asked_or_is_a_law_of_a_variadic_operation() -> None:
    asked = [rewrite for rewrites in (*LOCAL.values(), *MAXIMAL.values()) for rewrite in rewrites]
    laws = [equation.id.partition("/")[2] for equation in EQUATIONS if SIGNATURE[equation.op].variadic]
    assert len(asked) + len(laws) == len(EQUATIONS)
    assert set(laws) == {"flatten", "absorb", "unit", "single", "dedupe", "sort"}


def test_a_reader_counts_the_nodes_below_its_own() -> None:
    load = Load(STANDARD)
    left = load.left
    readers_of(STANDARD)["policy"](PLAIN, PLACES.root, load)
    assert left - load.left == 5


def test_a_vocabulary_is_not_kept_for_its_readers() -> None:
    house = extend(STANDARD, {"vocabulary": 1, "name": "house", "extends": "standard", "customs": {"s": "1"}}, "house")
    gone = weakref.ref(house)
    load_policy([*PLAIN[:4], ["custom", "s"], PLAIN[5]], house)
    del house
    gc.collect()
    assert gone() is None


def test_a_number_of_a_scalar_is_one_of_the_language() -> None:
    assert FUNCTIONS["Scalar"](-0.0) == (Number(0.0), b"\x00")
    place: Place = [Origin("policy", "")]
    with pytest.raises(ValueError, match="unpack"):
        readers_of(STANDARD)["lit"](["lit"], place, Load(STANDARD))
