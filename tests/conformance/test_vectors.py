"""The vectors are what their books make of the reference, and the reference passes them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import make_vectors
import pytest
from repository import ROOT
from vectors import measure
from vectors.book import AuthorError, Book

from policy_ir.conformance import subject
from policy_ir.conformance.compare import difference
from policy_ir.conformance.suite import Vector, load_suite

VECTORS = ROOT / "conformance" / "vectors"
BOOKS = {book.path: book for book in make_vectors.books()}


@cache
def suite() -> tuple[Vector, ...]:
    return load_suite(ROOT / "conformance").vectors


def paths() -> list[str]:
    return sorted(str(path.relative_to(VECTORS).with_suffix("")) for path in VECTORS.rglob("*.json"))


def test_every_file_is_made_by_a_book() -> None:
    assert paths() == sorted(BOOKS)


@pytest.mark.parametrize("path", sorted(BOOKS))
def test_making_the_vectors_again_changes_nothing(path: str) -> None:
    assert BOOKS[path].page() == (VECTORS / f"{path}.json").read_text("utf-8")


@pytest.mark.parametrize("path", paths())
def test_the_reference_passes_every_vector(path: str) -> None:
    vectors = [vector for vector in suite() if vector.id.rpartition("/")[0] == path]
    assert vectors
    failed = {
        vector.id: found
        for vector in vectors
        if (found := difference(vector.expect, subject.answer(vector.kind, vector.request()), "all")) is not None
    }
    assert failed == {}


def test_the_suite_is_small_enough_to_travel() -> None:
    assert sum(path.stat().st_size for path in VECTORS.rglob("*.json")) < 5_000_000


# --- books -----------------------------------------------------------------------------------------------------


def a_book(kind: str = "admission", **stated: Any) -> Book:
    book = Book("chapter/subject", kind, "About nothing.")
    book.add("one", "Everything is accepted by top.", **{"input": {"term": ["top"]}, **stated})
    return book


def the_vector(book: Book) -> dict[str, Any]:
    [vector] = json.loads(book.page())["vectors"]
    return dict(vector)


def test_a_book_adds_the_expectation() -> None:
    assert the_vector(a_book())["expect"] == {"result": {"sort": "Pred"}}


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"refused": "PIR0401"}, "not refused with PIR0401"),
        ({"input": {"term": ["is", "nope"]}}, "refused, unexpectedly"),
        ({"input": {"term": ["is", "nope"]}, "refused": "PIR0402"}, "not PIR0402"),
        ({"input": {"term": ["is", "nope"]}, "refused": ["PIR0401", "PIR0401"]}, "refused with"),
        ({"input": {"term": ["is", "nope"]}, "refused": "PIR0401", "near": ["PIR0401"]}, "near"),
        ({"result": {"sort": "Scorer"}}, "sort is Pred, not Scorer"),
        ({"result": {"sort": "Pred"}, "refused": "PIR0401"}, "both refused and a result"),
        ({"flags": ["Wonderful"]}, "unknown flags"),
        ({"rules": ["admit/term"], "denies": ["admit/term"]}, "denies"),
        ({"input": {}}, "NotARequest"),
    ],
)
def test_a_book_refuses_what_its_author_cannot_have_meant(stated: dict[str, Any], message: str) -> None:
    with pytest.raises(AuthorError, match=message):
        a_book(**stated).page()


@pytest.mark.parametrize("comment", ["No full stop", "small letters at the start.", "Two sentences. In one.", "Short."])
def test_a_comment_is_one_sentence(comment: str) -> None:
    book = Book("chapter/subject", "admission", "About nothing.")
    book.add("one", comment, input={"term": ["top"]})
    with pytest.raises(AuthorError, match="is no sentence"):
        book.page()


def test_no_two_vectors_of_a_book_have_one_name_or_one_input() -> None:
    book = a_book()
    book.add("one", "Everything is refused by bot.", input={"term": ["bot"]})
    book.add("two", "Everything is accepted by top again.", input={"term": ["top"]})
    with pytest.raises(AuthorError, match=r"(?s)there is one already.*the same input as chapter/subject/one"):
        book.page()


def test_an_equation_is_named_only_where_it_is_used() -> None:
    with pytest.raises(AuthorError, match="does not use"):
        a_book("normal-form", rules=["not/top"]).page()
    assert the_vector(a_book("normal-form", input={"term": ["not", ["bot"]]}))["rules"] == ["not/bot"]


def test_rules_of_a_derivation_are_measured() -> None:
    candidates = [{"id": "a", "provider": "p", "family": "f"}]
    vector = the_vector(a_book("predicate", input={"term": ["not", ["bot"]], "candidates": candidates}))
    assert vector["rules"] == ["top/accept"]


def test_features_are_measured() -> None:
    assert the_vector(a_book(input={"term": ["known", "id"]}))["features"] == ["known"]
    assert the_vector(a_book("lint"))["features"] == ["lints"]
    authoring = {"text": 'filter region in {"eu"}', "syntax": "auto"}
    assert the_vector(a_book("syntax", input=authoring))["features"] == ["authoring", "tags"]


def test_what_cannot_be_seen_is_escaped_in_the_files() -> None:
    assert measure.dumps({"a": "\u200b\u0301\U000e0041é"}) == '{"a":"\\u200b\\u0301\\udb40\\udc41é"}'
    for path in VECTORS.rglob("*.json"):
        assert not measure._HIDDEN.search(path.read_text("utf-8").replace("\n", ""))


def test_the_program_says_what_would_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert make_vectors.main(["--check", "interop/equations"]) == 0
    assert "33 vectors, 0 files changed" in capsys.readouterr().err


def test_the_program_writes_and_clears_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_vectors, "ROOT", tmp_path)
    monkeypatch.setattr(make_vectors, "books", lambda prefixes=(): [a_book()])
    stale = tmp_path / "old" / "file.json"
    stale.parent.mkdir()
    stale.write_text("{}")
    assert make_vectors.main(["--check"]) == 3
    assert stale.exists()
    assert make_vectors.main([]) == 0
    assert not stale.exists()
    assert json.loads((tmp_path / "chapter" / "subject.json").read_text("utf-8"))["kind"] == "admission"
    assert make_vectors.main(["--check"]) == 0


def test_the_program_writes_no_book_that_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_vectors, "ROOT", tmp_path)
    monkeypatch.setattr(make_vectors, "books", lambda prefixes=(): [a_book(refused="PIR0401")])
    assert make_vectors.main([]) == 1
    assert list(tmp_path.rglob("*.json")) == []
