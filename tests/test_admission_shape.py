"""Trees that were built from classes are asked whether they are terms at all, within bounds of time and memory."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from policy_ir import terms as t
from policy_ir.admission import admit_policy, check
from policy_ir.admission.shape import PARAMETERS, misshapen
from policy_ir.diagnostics import Refused
from policy_ir.signature import SIGNATURE
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")


def found(term: Any) -> list[tuple[str, str | None]]:
    return [(diagnostic.code.code, diagnostic.pointer) for diagnostic in check(term, STANDARD)]


def chain(*entries: Any) -> t.ChainSelector:
    return t.ChainSelector(tuple(entries))


def always(**entries: Any) -> t.Always:
    return t.Always(t.Action(**{"action": "abort", **entries}))


def test_every_parameter_sort_of_the_signature_is_checked() -> None:
    sorts = {argument.sort for row in SIGNATURE.values() for argument in row.arguments if not argument.is_term}
    assert sorts == set(PARAMETERS)


@pytest.mark.parametrize("value", [None, "top", ["top"], 5, t.Top, t.Pred(), t.Term(), t.Number(1)])
def test_what_is_no_term_is_refused(value: Any) -> None:
    assert found(value) == [("PIR0201", "")]
    assert found(t.Not(value)) == [("PIR0201", "/1")]


def test_a_subclass_of_an_operation_is_no_term() -> None:
    class Sly(t.Top):
        pass

    assert found(Sly()) == [("PIR0201", "")]


MISSORTED: list[tuple[Any, list[tuple[str, str]]]] = [
    (t.And((t.Zero(),)), [("PIR0203", "/1")]),
    (t.Add((t.Zero(), t.Top())), [("PIR0203", "/2")]),
    (t.Gate(t.Zero(), t.Top()), [("PIR0203", "/1"), ("PIR0203", "/2")]),
    (t.Policy(t.Zero(), t.Top(), t.Id(), t.Argmax(), t.Top()), [("PIR0203", f"/{at}") for at in range(1, 6)]),
    (t.And(()), [("PIR0204", "")]),
    (t.Not(t.Or(())), [("PIR0204", "/1")]),
    (t.And([t.Top()]), [("PIR0201", "")]),
    (t.Is(5), [("PIR0205", "/1")]),
    (t.Is(("a",)), [("PIR0205", "/1")]),
    (t.Lit(nan), [("PIR0112", "/1")]),
    (t.Lit(-inf), [("PIR0112", "/1")]),
    (t.TopK(inf, t.Argmax()), [("PIR0112", "/1")]),
    (t.Cmp("context", "==", 1), [("PIR0206", "/2")]),
    (t.Cmp("context", 5, 1), [("PIR0205", "/2")]),
    (t.FamilyEq("\ud800"), [("PIR0113", "/1")]),
    (t.FamilyEq("x" * 257), [("PIR0303", "/1")]),
    (t.FamilyEq("é" * 129), [("PIR0303", "/1")]),
    (t.TagIn("region", ()), [("PIR0210", "/2")]),
    (t.TagIn("region", ["eu"]), [("PIR0205", "/2")]),
    (t.TagIn("region", ("eu", 5)), [("PIR0205", "/2/1")]),
    (t.TagIn("region", tuple(map(str, range(65)))), [("PIR0304", "/2")]),
    (t.SetParam("temperature", 1.0), [("PIR0205", "/2")]),
    (t.SetParam("temperature", t.Number(nan)), [("PIR0112", "/2")]),
    (t.SetParam("temperature", t.Text(5)), [("PIR0205", "/2")]),
    (t.SetParam("temperature", t.Boolean(1)), [("PIR0205", "/2")]),
    (t.FilterText(["RedactPII"]), [("PIR0205", "/1")]),
    (t.FilterText((5,)), [("PIR0205", "/1/0")]),
    (t.FilterText((t.RecipeRecord((("TruncateText", nan),)),)), [("PIR0112", "/1/0/TruncateText")]),
    (
        t.FilterText((t.RecipeRecord((("TruncateText", 1), ("TruncateText", 2))),)),
        [("PIR0114", "/1/0/TruncateText")],
    ),
    (t.FilterText((t.RecipeRecord(((5, 1.0),)),)), [("PIR0205", "/1/0")]),
    (
        t.FilterText((t.RecipeRecord(tuple((f"{at:02}", 1.0) for at in range(65))),)),
        [("PIR0304", "/1/0")],
    ),
    (chain({"provider": "a", "model": "b"}), [("PIR0205", "/1/0")]),
    (chain(t.ChainEntry(provider="a")), [("PIR0209", "/1/0")]),
    (chain(t.ChainEntry(model_family="a")), [("PIR0209", "/1/0")]),
    (chain(t.ChainEntry(provider=5, model="b")), [("PIR0205", "/1/0/provider")]),
    (t.ChainSelector([]), [("PIR0205", "/1")]),
    (chain(*[t.ChainEntry("a", None, "b")] * 65), [("PIR0304", "/1")]),
    (t.Always({"action": "abort"}), [("PIR0205", "/1")]),
    (always(action="give_up"), [("PIR0207", "/1/action")]),
    (always(action=None), [("PIR0205", "/1/action")]),
    (always(then_action="give_up"), [("PIR0207", "/1/then_action")]),
    (always(attempts=nan), [("PIR0112", "/1/attempts")]),
    (always(backoff_ms=inf), [("PIR0112", "/1/backoff_ms")]),
    (always(backoff_ms=("1",)), [("PIR0205", "/1/backoff_ms/0")]),
    (always(backoff_ms=(1, nan)), [("PIR0112", "/1/backoff_ms/1")]),
    (always(open_breaker_ms=nan), [("PIR0112", "/1/open_breaker_ms")]),
    (always(extra=(("a/b", nan),)), [("PIR0112", "/1/a~1b")]),
    (always(extra=(("action", 1),)), [("PIR0114", "/1/action")]),
    (always(attempts=1, extra=(("attempts", 1),)), [("PIR0114", "/1/attempts")]),
    (always(extra=tuple((f"{at:02}", 1.0) for at in range(64))), [("PIR0304", "/1")]),
]


@pytest.mark.parametrize(("term", "expected"), MISSORTED)
def test_an_ill_sorted_tree_is_refused_at_the_place(term: Any, expected: list[tuple[str, str]]) -> None:
    assert found(term) == expected


def test_a_misspelt_verb_gets_a_did_you_mean() -> None:
    diagnostics = [*check(always(action="next_candidat"), STANDARD), *check(always(action="qqq"), STANDARD)]
    assert [diagnostic.help for diagnostic in diagnostics] == ["did you mean `next_candidate`?", None]


@pytest.mark.parametrize(
    "term",
    [
        t.SetParam("temperature", t.Number(1)),
        t.SetParam("reasoning_effort", t.Text("low")),
        t.TagIn("region", tuple(map(str, range(64)))),
        t.FilterText(()),
        t.FilterText(("RedactPII", t.RecipeRecord(()), t.RecipeRecord((("TruncateText", 1),)))),
        chain(),
        chain(t.ChainEntry("a", None, "b"), t.ChainEntry(None, "a", None, "b"), t.ChainEntry("a", "a", "b", "b")),
        always(attempts=1, backoff_ms=(1,), then_action="abort", open_breaker_ms=1, extra=(("more", 1),)),
        always(extra=tuple((f"{at:02}", 1.0) for at in range(63))),
        t.FamilyEq(""),
        t.FamilyEq("é" * 128),
    ],
)
def test_a_well_shaped_tree_has_nothing_wrong_with_its_shape(term: t.Term) -> None:
    assert misshapen(term) == []


def test_what_names_mean_is_not_asked_of_a_tree_that_is_no_term() -> None:
    assert found(t.And((t.Is("nowhere"), t.Zero()))) == [("PIR0203", "/2")]
    with pytest.raises(Refused) as refused:
        admit_policy(t.And((t.Is("nowhere"), t.Zero())), STANDARD)
    assert [diagnostic.code.code for diagnostic in refused.value.diagnostics] == ["PIR0203"]


def nested(depth: int) -> t.Pred:
    term: t.Pred = t.Top()
    for _ in range(depth - 1):
        term = t.Not(term)
    return term


def test_the_root_has_depth_1_and_the_deepest_node_64() -> None:
    assert found(nested(64)) == []
    assert found(nested(65)) == [("PIR0301", "/1" * 64)]


def test_a_tree_that_is_too_deep_in_many_places_is_reported_once_and_read_no_further() -> None:
    deep = t.Not(t.Not(t.Is("nowhere")))
    term: t.Pred = t.And((deep, deep))
    for _ in range(61):
        term = t.Not(term)
    assert found(term) == [("PIR0301", "/1" * 64)]
    assert found(nested(100_000)) == [("PIR0301", "/1" * 64)]


def test_a_term_has_4096_nodes_at_most() -> None:
    assert found(t.And((t.Top(),) * 4095)) == []
    assert found(t.And((t.Top(),) * 4096)) == [("PIR0302", "/4096")]


def test_a_tree_that_shares_its_subtrees_is_counted_as_written() -> None:
    term: t.Pred = t.Top()
    for _ in range(60):
        term = t.And((term, term))
    ((code, pointer),) = found(term)
    assert (code, len(pointer or "") > 64) == ("PIR0302", True)


def test_diagnostics_stand_in_source_order() -> None:
    term = t.And((t.Cmp("context", "==", nan), t.Zero(), t.Not(t.Is(5)), t.Or(())))
    assert found(term) == [
        ("PIR0206", "/1/2"),
        ("PIR0112", "/1/3"),
        ("PIR0203", "/2"),
        ("PIR0205", "/3/1/1"),
        ("PIR0204", "/4"),
    ]
