"""The identity of a policy at a sigma-pol/v2 router, held against a second, direct way to make its string."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import policy_ir
from policy_ir.diagnostics import Refused
from policy_ir.interop.sigma_pol import PEER_EQUATIONS, PREFIX, sigma_sha256, sigma_short, sigma_string
from policy_ir.normal_form import EQUATIONS
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.loader import load
from policy_ir.terms import Term
from policy_ir.testing.strategies import located, numbers, policies, terms, texts
from policy_ir.values import value_of

EXAMPLE = ["and", ["meets_req"], ["is", "has_tee"], ["cmp", "price_in", "le", 5]]
GO, STOP = {"action": "next_candidate"}, {"action": "abort"}


def string(value: Any) -> str:
    text = sigma_string(load(value))
    assert text.startswith(PREFIX)
    return text.removeprefix(PREFIX)


def test_the_published_example_has_its_string_and_short_fingerprint() -> None:
    term = load(EXAMPLE)
    assert sigma_string(term) == 'sigma-pol/v2:(and (cmp "price_in" "le" 5) (is "has_tee") (meets_req))'
    assert sigma_short(term) == "1723965313-18551162"
    assert sigma_sha256(term) == hashlib.sha256(sigma_string(term).encode()).hexdigest()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0"),
        (-0.0, "0"),
        (5.0, "5"),
        (-3, "-3"),
        (2**53 - 1, "9007199254740991"),
        (2.0**53, "9007199254740992"),
        (-(2.0**53), "-9007199254740992"),
        (2.0**53 + 2, "9007199254740994"),
        (2.0**60, "1.152921504606847e+18"),
        (1e100, "1e+100"),
        (0.1, "0.10000000000000001"),
        (0.5, "0.5"),
        (-0.75, "-0.75"),
        (1e-7, "9.9999999999999995e-08"),
        (5e-324, "4.9406564584124654e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
    ],
)
def test_numbers_are_spelled_as_the_peer_spells_them(number: float, expected: str) -> None:
    assert string(["lit", number]) == f"(lit {expected})"


@given(numbers())
def test_a_number_can_be_read_back(number: float) -> None:
    assert float(string(["lit", number])[5:-1]) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '""'),
        ('a"b', '"a\\"b"'),
        ("a\\b", '"a\\\\b"'),
        ("\n\r\t", '"\\n\\r\\t"'),
        ("\x00\x1f\x7f/é\U0001f600", '"\x00\x1f\x7f/é\U0001f600"'),
    ],
)
def test_five_characters_are_escaped(text: str, expected: str) -> None:
    assert string(["family_eq", text]) == f"(family_eq {expected})"


@given(texts())
def test_strings_stay_apart(text: str) -> None:
    quoted = string(["family_eq", text])[len("(family_eq ") : -1]
    unescaped = {"\\\\": "\\", '\\"': '"', "\\n": "\n", "\\r": "\r", "\\t": "\t"}
    out, rest = "", quoted[1:-1]
    while rest:
        piece = rest[:2] if rest[0] == "\\" else rest[0]
        out, rest = out + unescaped.get(piece, piece), rest[len(piece) :]
    assert out == text


def test_records_have_sorted_keys_and_lists_keep_their_order() -> None:
    action = {"then_action": "abort", "action": "retry_same", "backoff_ms": [500, 0.5], "attempts": 2, "Z": 1}
    assert string(["always", action]) == (
        '(always {"Z":1,"action":"retry_same","attempts":2,"backoff_ms":[500,0.5],"then_action":"abort"})'
    )
    assert string(["filter_text", ["b", {"zz": 1, "é": 2, "a": 3}, "a"]]) == (
        '(filter_text ["b",{"a":3,"zz":1,"é":2},"a"])'
    )


def test_an_empty_record_is_written_as_an_empty_list() -> None:
    assert string(["filter_text", [{}]]) == "(filter_text [[]])"
    assert string(["filter_text", []]) == "(filter_text [])"


def test_scalars_keep_their_sort() -> None:
    assert string(["set_param", "seed", True]) == '(set_param "seed" true)'
    assert string(["set_param", "seed", False]) == '(set_param "seed" false)'
    assert string(["set_param", "seed", "1"]) == '(set_param "seed" "1")'
    assert string(["set_param", "seed", 1]) == '(set_param "seed" 1)'


def test_chains_keep_the_keys_that_the_author_used_and_their_duplicates() -> None:
    entries = [{"provider_id": "a", "model_family": "m"}, {"model": "m", "provider": "a"}]
    assert string(["chain", entries]) == '(chain [{"model_family":"m","provider_id":"a"},{"model":"m","provider":"a"}])'


def test_equal_siblings_stay() -> None:
    assert string(["and", ["meets_req"], ["meets_req"]]) == "(and (meets_req) (meets_req))"
    assert string(["or", ["meets_req"], ["or", ["meets_req"]]]) == "(or (meets_req) (meets_req))"


def test_siblings_are_sorted_by_the_strings_of_the_peer() -> None:
    assert string(["and", ["is", "b"], ["is", "aa"]]) == '(and (is "aa") (is "b"))'
    assert string(["or", ["family_eq", "\U0001f600"], ["family_eq", "\uffff"]]) == (
        '(or (family_eq "\uffff") (family_eq "\U0001f600"))'
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["normalize", ["zero"]], "(normalize (zero))"),
        (["prefer", ["top"], ["argmax"]], "(prefer (top) (argmax))"),
        (["prefer", ["not", ["top"]], ["argmax"]], "(prefer (bot) (argmax))"),
        (["when", ["top"], ["id"]], "(when (top) (id))"),
        (["when", ["bot"], ["seq", ["id"], ["id"]]], "(when (bot) (id))"),
    ],
)
def test_equations_that_the_peer_does_not_have_are_not_used(value: Any, expected: str) -> None:
    assert string(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["and", ["top"], ["and", ["meets_req"]]], "(meets_req)"),
        (["or", ["meets_req"], ["not", ["bot"]]], "(top)"),
        (["not", ["not", ["meets_req"]]], "(meets_req)"),
        (["add", ["zero"], ["lit", 2], ["add", ["lit", 10], ["lit", 2]]], "(add (lit 10) (lit 2) (lit 2))"),
        (["scale", 1, ["lit", 3]], "(lit 3)"),
        (["scale", 0, ["lit", 3]], "(zero)"),
        (["scale", 3, ["zero"]], "(zero)"),
        (["gate", ["top"], ["lit", 3]], "(lit 3)"),
        (["gate", ["bot"], ["lit", 3]], "(zero)"),
        (["gate", ["meets_req"], ["zero"]], "(zero)"),
        (["normalize", ["normalize", ["lit", 3]]], "(normalize (lit 3))"),
        (["seq", ["id"], ["seq", ["inject_seed", "seed"], ["id"]]], '(inject_seed "seed")'),
    ],
)
def test_equations_that_the_peer_has_are_used(value: Any, expected: str) -> None:
    assert string(value) == expected


def test_overrides_are_sorted_by_reason_without_those_equal_to_the_base() -> None:
    base = ["always", GO]
    plan = [
        "override",
        ["override", ["override", ["override", base, "unknown", STOP], "b", GO], "a", STOP],
        "unknown",
        STOP,
    ]
    assert string(plan) == (
        '(override (override (always {"action":"next_candidate"}) "a" {"action":"abort"}) "unknown" {"action":"abort"})'
    )


@pytest.mark.parametrize("op", [row.op for row in SIGNATURE.values() if row.feature != "core"])
def test_an_extension_is_refused_where_it_stands(op: str) -> None:
    extension = {
        "tag_in": ["tag_in", "region", ["eu"]],
        "test": ["test", ["lit", 1], "ge", 0],
        "known": ["known", "price_in"],
        "rank_by": ["rank_by", ["zero"], ["argmax"]],
        "drop_param": ["drop_param", "seed"],
    }[op]
    around = {
        "Pred": ["not", extension],
        "Selector": ["top_k", 1, extension],
        "Xform": ["when", ["top"], extension],
    }[SIGNATURE[op].sort]
    with pytest.raises(Refused) as refused:
        sigma_string(load(around, source="policy"))
    (found,) = refused.value.diagnostics
    assert (found.code.code, found.pointer, found.source) == ("PIR0810", f"/{len(around) - 1}", "policy")
    assert f"`{op}`" in found.message


def test_every_extension_is_reported_in_source_order_even_where_the_peer_would_drop_it() -> None:
    value = ["policy", ["and", ["bot"], ["known", "price_in"], ["not", ["tag_in", "region", ["eu"]]]], ["zero"],
             ["rank_by", ["gate", ["known", "tok_s"], ["zero"]], ["argmax"]], ["drop_param", "seed"],
             ["always", GO]]  # fmt: skip
    for identity in (sigma_string, sigma_sha256, sigma_short):
        with pytest.raises(Refused) as refused:
            identity(load(value))
        found = [(finding.code.code, finding.pointer) for finding in refused.value.diagnostics]
        assert found == [("PIR0810", pointer) for pointer in ("/1/2", "/1/3/1", "/3", "/3/1/1", "/4")]


def test_a_term_without_origins_has_the_same_identity() -> None:
    term = load(EXAMPLE)
    bare = type(term)(term.preds)  # type: ignore[attr-defined,call-arg]
    assert sigma_string(bare) == sigma_string(term)
    with pytest.raises(Refused) as refused:
        sigma_string(SIGNATURE["known"].cls("price_in"))  # type: ignore[call-arg,arg-type]
    assert refused.value.diagnostics[0].source is None


# --- a second way to the string ------------------------------------------------------------------------------


def direct(value: Any) -> str:
    """The peer's string of a wire value, made from strings alone, with the peer's laws written out."""
    match value:
        case ["and" | "or" as op, *children]:
            unit, absorber = ("(top)", "(bot)") if op == "and" else ("(bot)", "(top)")
            return joined(op, children, unit, absorber)
        case ["add", *children]:
            return joined("add", children, "(zero)", None)
        case ["seq", *children]:
            return joined("seq", children, "(id)", None)
        case ["not", inner]:
            made = direct(inner)
            if made.startswith("(not "):
                return made[5:-1]
            return {"(top)": "(bot)", "(bot)": "(top)"}.get(made, f"(not {made})")
        case ["scale", factor, inner]:
            made = direct(inner)
            if factor == 0 or made == "(zero)":
                return "(zero)"
            return made if factor == 1 else f"(scale {plain(factor)} {made})"
        case ["gate", pred, inner]:
            shown, made = direct(pred), direct(inner)
            if shown == "(bot)" or made == "(zero)":
                return "(zero)"
            return made if shown == "(top)" else f"(gate {shown} {made})"
        case ["normalize", inner]:
            made = direct(inner)
            return made if made.startswith("(normalize ") else f"(normalize {made})"
        case ["override", *_]:
            actions: dict[str, str] = {}
            while value[0] == "override":
                actions.setdefault(value[2], plain(value[3]))
                value = value[1]
            base = plain(value[1])
            made = f"(always {base})"
            for reason in sorted(actions, key=lambda reason: reason.encode()):
                if actions[reason] != base:
                    made = f"(override {made} {plain(reason)} {actions[reason]})"
            return made
        case [op, *arguments]:
            sorts = [argument.is_term for argument in SIGNATURE[op].arguments]
            parts = [direct(part) if term else plain(part) for part, term in zip(arguments, sorts, strict=True)]
            return f"({' '.join([op, *parts])})"
    raise AssertionError(value)


def joined(op: str, children: list[Any], unit: str, absorber: str | None) -> str:
    flat = [part for child in children for part in (spread(op, child))]
    made = [text for text in flat if text != unit]
    if absorber in made:
        return str(absorber)
    if op != "seq":
        made.sort(key=lambda text: text.encode())
    if len(made) < 2:
        return made[0] if made else unit
    return f"({' '.join([op, *made])})"


def spread(op: str, child: Any) -> list[str]:
    """The strings that a child of a junction stands for: its own children, if it comes out as the same junction."""
    if child[0] == op:
        return [text for inner in child[1:] for text in spread(op, inner)]
    made = direct(child)
    return parts_of(made) if made.startswith(f"({op} ") else [made]


def parts_of(made: str) -> list[str]:
    """The arguments of an s-expression, strings and brackets respected."""
    parts, depth, quoted, escaped, start = [], 0, False, False, made.index(" ") + 1
    for place in range(start, len(made)):
        char = made[place]
        if quoted:
            quoted, escaped = escaped or char != '"', char == "\\" and not escaped
        elif char == '"':
            quoted = True
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if (depth == 0 and char == " " and not quoted) or depth < 0:
            parts.append(made[start:place])
            start = place + 1
    return parts


def plain(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float() | int():
            return "%d" % value if value == int(value) and abs(value) <= 2**53 else "%.17g" % value  # noqa: UP031
        case str():
            for raw, shown in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
                value = value.replace(raw, shown)
            return f'"{value}"'
        case list():
            return "[" + ",".join(plain(part) for part in value) + "]"
        case dict():
            entries = sorted(value.items(), key=lambda entry: entry[0].encode())
            return "{" + ",".join(f"{plain(key)}:{plain(part)}" for key, part in entries) + "}" if value else "[]"
    raise AssertionError(value)


def core(term: Term) -> bool:
    def ops(value: Any) -> set[str]:
        return {value[0], *(op for part in value[1:] if isinstance(part, list) and part for op in ops_of(part))}

    def ops_of(part: Any) -> set[str]:
        return ops(part) if isinstance(part[0], str) and part[0] in SIGNATURE else set()

    return all(SIGNATURE[op].feature == "core" for op in ops(value_of(term)))


@given(terms(admitted=False) | policies(admitted=False))
def test_the_string_is_the_one_that_the_direct_way_makes(term: Term) -> None:
    try:
        found = sigma_string(term)
    except Refused:
        assume(False)
    assert found == PREFIX + direct(value_of(term))


@given(terms(admitted=False), st.sampled_from(["policy", "floor"]))
def test_a_term_has_an_identity_just_when_all_its_operations_are_core(term: Term, source: str) -> None:
    if core(term):
        assert sigma_string(located(term, source)) == sigma_string(term)
    else:
        with pytest.raises(Refused):
            sigma_string(term)


def test_the_equations_of_the_peer_are_among_ours() -> None:
    assert set(PEER_EQUATIONS) < {equation.id for equation in EQUATIONS}
    assert len(PEER_EQUATIONS) == len(set(PEER_EQUATIONS)) == 28


def test_no_module_of_the_core_imports_the_edge() -> None:
    package = Path(policy_ir.__file__).parent
    for path in package.glob("*.py"):
        imported = {
            node.module
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module
        }
        assert not any(module.startswith("policy_ir.interop") for module in imported), path.name
