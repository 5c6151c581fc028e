"""Vectors of the comparison of catalogues."""

from __future__ import annotations

from collections.abc import Sequence

from vectors.book import Book
from vectors.world import Json, candidate

# fmt: off


def books() -> list[Book]:
    """The books of this module."""
    return [_differences()]


def _differences() -> Book:
    book = Book("catalogue/differences", kind="compare", about="What differs between two lists of candidates.")

    def compare(name: str, comment: str, old: Json, new: Json, rules: Sequence[str], *, added: Json = (),
                removed: Json = (), changed: Json = (), reordered: bool = False, **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("vocabulary",) if key in rest}
        book.add(name, comment, input={**given, "old": old, "new": new}, rules=rules,
                 result={"added": list(added), "removed": list(removed), "changed": list(changed),
                         "reordered": reordered}, **rest)

    a, b, c = candidate("a"), candidate("b"), candidate("c")
    same = ["diff/candidates", "diff/values", "diff/order"]
    compare("nobody", "Two empty lists do not differ.", [], [], [], flags=["Empty"], denies=same)
    compare("same", "A list does not differ from itself.", [a, b], [a, b], [], denies=same)
    compare("added", "Ids of the new list only are added, in its order.", [a], [c, a, b], ["diff/candidates"],
            added=["c", "b"], denies=["diff/order"])
    compare("removed", "Ids of the old list only are removed, in its order.", [c, a, b], [a], ["diff/candidates"],
            removed=["c", "b"])
    compare("replaced", "Lists may have nobody in common.", [a], [b], ["diff/candidates"], added=["b"], removed=["a"])
    compare("renamed-case", "Ids that differ by case are two.", [a], [candidate("A")], ["diff/candidates"], added=["A"],
            removed=["a"])
    compare("reordered", "Lists with the same ids in another order are reordered.", [a, b], [b, a], ["diff/order"],
            reordered=True)
    compare("not-reordered", "Candidates that come between others reorder nobody.", [a, c], [a, b, c],
            ["diff/candidates"], added=["b"], denies=["diff/order"])
    compare("reordered-among-common", "The order is that of the ids that both have.", [a, b, c], [c, candidate("d"), a],
            ["diff/order", "diff/candidates"], added=["d"], removed=["b"], reordered=True)
    for key, value, due in (("provider", "q", ["p", "q"]), ("family", "n", ["m", "n"]), ("tier", "partner", [None, "partner"]),
                            ("scope", "s", [None, "s"]), ("served_by", "r", ["p", "r"]), ("served_model", "x", ["m", "x"])):
        changed = [["a", key, *due]]
        if key == "provider":
            changed.append(["a", "served_by", "p", "q"])
        if key == "family":
            changed.append(["a", "served_model", "m", "n"])
        compare(f"key-{key.replace('_', '-')}", f"A change of the key `{key}`, and of what stands in for it.", [a],
                [{**a, key: value}], ["diff/values"], changed=changed)
    compare("capabilities", "Capabilities are compared as sets.", [{**a, "capabilities": ["x", "y"]}],
            [{**a, "capabilities": ["y", "x", "y"]}], [], denies=["diff/values"])
    compare("capabilities-changed", "Both sets are given.", [{**a, "capabilities": ["y", "x"]}], [{**a, "capabilities": ["z"]}],
            ["diff/values"], changed=[["a", "capabilities", ["x", "y"], ["z"]]])
    compare("field-changed", "A field that changed is given with both values.", [candidate("a", price_in=1)],
            [candidate("a", price_in=2.5)], ["diff/values"], changed=[["a", "fields/price_in", 1, 2.5]])
    compare("field-added", "A field that was absent is null before.", [a], [candidate("a", price_in=0)], ["diff/values"],
            changed=[["a", "fields/price_in", None, 0]])
    compare("field-removed", "A field that is absent is null after.", [candidate("a", price_in=0)],
            [{**a, "fields": {"price_in": None}}], ["diff/values"], changed=[["a", "fields/price_in", 0, None]])
    compare("numbers-written-otherwise", "Numbers are equal by value.", [candidate("a", price_in=1, credits=-0.0)],
            [candidate("a", price_in=1.0, credits=0)], [], denies=["diff/values"], flags=["Minus0"])
    compare("set-field", "Sets are compared as sets.", [candidate("a", labels=["x", "y"])],
            [candidate("a", labels=["y", "x"])], [], denies=["diff/values"])
    compare("set-field-changed", "Sets that differ are given sorted.", [candidate("a", labels=["y", "x"])],
            [candidate("a", labels=[])], ["diff/values"], changed=[["a", "fields/labels", ["x", "y"], []]])
    compare("boolean-field", "A boolean that is said to be false differs from one that is not there.", [a],
            [candidate("a", supports_tools=False)], ["diff/values"], changed=[["a", "fields/supports_tools", None, False]])
    compare("several", "Changes come in the order of the new list, keys before fields, fields by name.",
            [candidate("a", price_out=1, price_in=1), candidate("b", price_in=1)],
            [candidate("b", price_in=2), {**candidate("a", price_out=2, price_in=2), "tier": "partner"}],
            ["diff/values", "diff/order"], reordered=True, changed=[
                ["b", "fields/price_in", 1, 2], ["a", "tier", None, "partner"], ["a", "fields/price_in", 1, 2],
                ["a", "fields/price_out", 1, 2]])
    compare("keys-in-order", "Keys come in the order of the chapter.", [a],
            [{"id": "a", "provider": "q", "served_model": "y", "family": "x", "served_by": "r", "scope": "s", "tier": "t",
              "capabilities": ["k"]}], ["diff/values"], changed=[
                ["a", "provider", "p", "q"], ["a", "family", "m", "x"], ["a", "served_model", "m", "y"],
                ["a", "served_by", "p", "r"], ["a", "tier", None, "t"], ["a", "scope", None, "s"],
                ["a", "capabilities", [], ["k"]]])
    book.add("refused-old", "A list that is none is refused.", input={"old": [{"id": "x"}], "new": []},
             refused=["PIR0606 /candidates/0", "PIR0606 /candidates/0"], denies=["candidate/model"])
    book.add("refused-new", "The old list is looked at before the new one.",
             input={"old": [a, a], "new": [{"id": "x", "provider": "p", "family": ""}]},
             refused=["PIR0603 /candidates/1/id"], denies=["candidate/id"])
    return book
