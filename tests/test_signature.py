"""The signature is read off the typed terms, and says what LANGUAGE says."""

from __future__ import annotations

from policy_ir import terms as t
from policy_ir.signature import FEATURES, SIGNATURE, arguments_of, describe_sort, operations_of, sort_of, subterms_of


def _row(op: str) -> str:
    row = SIGNATURE[op]
    arguments = " ".join(
        (argument.subsort.name if argument.subsort else argument.sort) + ("+" if argument.variadic else "")
        for argument in row.arguments
    )
    return f"{row.sort}({arguments})"


def test_every_sort_has_its_operations() -> None:
    count = {sort: len(operations_of(sort)) for sort in ("Policy", "Pred", "Scorer", "Selector", "Xform", "FailPlan")}
    assert count == {"Policy": 1, "Pred": 18, "Scorer": 9, "Selector": 7, "Xform": 11, "FailPlan": 2}


def test_the_arguments_of_an_operation_are_those_of_its_annotations() -> None:
    expected = {
        "top": "Pred()",
        "and": "Pred(Pred+)",
        "not": "Pred(Pred)",
        "is": "Pred(BoolField)",
        "cmp": "Pred(NumField Rel Num)",
        "tag_in": "Pred(TagField Names)",
        "test": "Pred(Pointwise Rel Num)",
        "known": "Pred(Field)",
        "add": "Scorer(Scorer+)",
        "clamp": "Scorer(Num Num Scorer)",
        "gate": "Scorer(Pred Scorer)",
        "chain": "Selector(Chain)",
        "top_k": "Selector(Count Selector)",
        "rank_by": "Selector(Scorer Selector)",
        "set_param": "Xform(ParamName Scalar)",
        "filter_text": "Xform(Recipe)",
        "custom": "Xform(Sym)",
        "override": "FailPlan(FailPlan Reason Action)",
        "policy": "Policy(Pred Scorer Selector Xform FailPlan)",
    }
    assert {op: _row(op) for op in expected} == expected


def test_the_extensions_are_grouped_into_named_features() -> None:
    assert FEATURES == ("core", "tags", "pointwise-test", "known", "rerank", "drop-param")
    extensions = {op for op, row in SIGNATURE.items() if row.feature != "core"}
    assert extensions == {"tag_in", "test", "known", "rank_by", "drop_param"}


def test_every_operation_says_what_it_means() -> None:
    assert all(row.about.endswith(".") for row in SIGNATURE.values())


def test_laws_name_operations_of_the_same_sort() -> None:
    for row in SIGNATURE.values():
        if row.laws is not None:
            named = [name for name in (row.laws.unit, row.laws.absorber) if name is not None]
            assert row.variadic
            assert all(SIGNATURE[name].sort == row.sort for name in named)


def test_the_arguments_of_a_node_come_in_wire_order_with_variadic_ones_spread_out() -> None:
    assert arguments_of(t.And((t.Top(), t.Bot()))) == (t.Top(), t.Bot())
    assert arguments_of(t.Scale(2, t.Zero())) == (2.0, t.Zero())
    assert subterms_of(t.Scale(2, t.Zero())) == (t.Zero(),)
    assert subterms_of(t.Is("disabled")) == ()


def test_a_class_knows_its_sort_and_the_sort_its_article() -> None:
    assert sort_of(t.Cmp) == "Pred"
    assert sort_of(t.Policy) == "Policy"
    assert describe_sort("Xform") == "a transform"
