"""Vectors of catalogue files: their text, their shape, and the vocabulary that they name."""

from __future__ import annotations

import json

from vectors.book import Book
from vectors.world import Json

# fmt: off

ROW = {"id": "a", "provider": "p", "family": "m"}
FILE = {"catalog": 1, "vocabulary": "standard", "candidates": [ROW]}
MIB = 1024 * 1024


def books() -> list[Book]:
    """The books of this module."""
    return [_files(), _refused(), _sizes()]


def _text(**members: Json) -> str:
    return json.dumps({**FILE, **members}, ensure_ascii=False)


def _files() -> Book:
    book = Book("catalogue/files", kind="snapshot", about="Texts of catalogue files that are read.")

    def read(name: str, comment: str, text: Json, rules: list[str], **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("vocabulary", "state") if key in rest}
        book.add(name, comment, input={**given, "text": text}, rules=rules, **rest)

    read("least", "The least file with a candidate.", _text(), ["catalogue/required", "catalogue/vocabulary"],
         denies=["catalogue/pointer"], near=["PIR0606", "PIR0702"])
    read("no-candidates", "A file may have no candidates.", _text(candidates=[]), ["catalogue/required"], flags=["Empty"])
    read("words", "Words for people are no part of the snapshot.",
         _text(about="prices", date="2026-11-01", sources=["a", "b"]), ["catalogue/shape"], near=["PIR0601"])
    read("own-keys", "Keys of the host's own are not looked at.",
         _text(**{"$schema": "s", "x-note": [None], "candidates": [{**ROW, "x-id": 7, "$schema": {}}]}),
         ["catalogue/shape"], near=["PIR0601"])
    read("nulls", "A key whose value is null is absent.",
         _text(about=None, date=None, sources=None, candidates=[{**ROW, "tier": None, "fields": {"price_in": None}}]),
         ["catalogue/null", "catalogue/text"], near=["PIR0115"])
    read("version-as-float", "The version may be written as 1.0.", _text(catalog=1).replace('"catalog": 1', '"catalog": 1.0'),
         ["catalogue/version"], near=["PIR0602"])
    read("core", "A file may name the core vocabulary.", _text(vocabulary="core"), ["catalogue/vocabulary"])
    read("beside", "With a vocabulary beside it the name in the file is not looked up.", _text(vocabulary="house"),
         ["catalogue/vocabulary"], vocabulary="core", near=["PIR0702"])
    read("own-vocabulary", "A file is checked against the vocabulary beside it.",
         _text(vocabulary="house", candidates=[{**ROW, "fields": {"load": 0.5}}]), ["catalogue/vocabulary"],
         vocabulary={"vocabulary": 1, "name": "house",
                     "fields": {"load": {"sort": "num", "source": "state", "default": 0}}})
    read("white-space", "A file may have white space and line ends around.", "\n\t " + _text() + "\r\n", ["catalogue/text"])
    read("unicode", "A file may have any characters.", _text(candidates=[{**ROW, "id": "\U0001f600 \u00e9 e\u0301"}]),
         ["catalogue/text"], flags=["Unicode", "Normalisation"])
    read("escapes", "Escapes stand for their characters, pairs of surrogates too.",
         _text().replace('"a"', '"\\ud83d\\ude00\\u0061"'), ["catalogue/text"], flags=["Unicode"])
    read("update", "New state goes on top of a file.", _text(candidates=[{**ROW, "fields": {"latency_ms": 3}}]),
         ["snapshot/update"], state={"a": {"latency_ms": 4}})
    read("more-than-a-policy", "A file may be longer than a policy.", [_text()[:-1], [" ", 300000], "}"],
         ["catalogue/size"], near=["PIR0004", "PIR0611"])
    read("many-candidates", "A catalogue may have more candidates than a parameter has entries.",
         _text(candidates=[{**ROW, "id": f"c{n}"} for n in range(70)]), ["catalogue/size"], near=["PIR0304"])
    return book


def _refused() -> Book:
    book = Book("catalogue/refused-files", kind="snapshot", about="Texts that are no catalogue files.")

    def refuse(name: str, comment: str, text: Json, refused: Json, denies: list[str], **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("vocabulary",) if key in rest}
        book.add(name, comment, input={**given, "text": text}, refused=refused, denies=denies, **rest)

    shape, required, text = ["catalogue/shape"], ["catalogue/required"], ["catalogue/text"]
    refuse("list", "A catalogue is an object.", "[]", ["PIR0601 "], shape, flags=["Empty"])
    refuse("number", "A number is no catalogue.", "1", ["PIR0601 "], shape)
    refuse("null", "A null is no catalogue.", "null", ["PIR0601 "], shape)
    refuse("nothing", "Each key that is missing at the top is reported.", "{}", ["PIR0606 "] * 3, required)
    for key in ("catalog", "vocabulary", "candidates"):
        refuse(f"no-{key}", f"A file has the key `{key}`.", json.dumps({k: v for k, v in FILE.items() if k != key}),
               ["PIR0606 "], required)
        refuse(f"null-{key}", f"The key `{key}` is missing where it is null.", _text(**{key: None}), ["PIR0606 "],
               [*required, "catalogue/null"])
    for name, version in (("two", 2), ("zero", 0), ("text", "1"), ("true", True), ("fraction", 1.5), ("list", [1])):
        refuse(f"version-{name}", f"The version {version!r} is not 1.", _text(catalog=version), ["PIR0602 /catalog"],
               ["catalogue/version"])
    refuse("unknown-key", "A key that a file does not have is refused.", _text(model="m"), ["PIR0601 /model"], shape)
    refuse("unknown-key-case", "Keys differ by case.", _text(About="x"), ["PIR0601 /About"], shape)
    refuse("candidates-object", "Candidates of a file are a list.", _text(candidates={}), ["PIR0601 /candidates"], shape)
    refuse("vocabulary-object", "A file names its vocabulary.", _text(vocabulary={}), "PIR0601 /vocabulary", shape)
    refuse("about-number", "The words about a file are a text.", _text(about=1), ["PIR0601 /about"], shape)
    refuse("sources-text", "Sources are a list of texts.", _text(sources="a"), ["PIR0601 /sources"], shape)
    refuse("source-number", "A source is a text.", _text(sources=["a", 1]), ["PIR0601 /sources/1"], shape)
    refuse("candidate-number", "A candidate of a file is an object.", _text(candidates=[ROW, 1]),
           ["PIR0601 /candidates/1"], shape)
    refuse("unknown-vocabulary", "A vocabulary that is not shipped must be given beside the file.",
           _text(vocabulary="house"), ["PIR0702 /vocabulary"], ["catalogue/vocabulary"])
    refuse("empty-vocabulary", "An empty name is that of no vocabulary.", _text(vocabulary=""),
           ["PIR0702 /vocabulary"], ["catalogue/vocabulary"])
    refuse("pointer", "Findings point into the file.",
           _text(candidates=[ROW, {**ROW, "id": "b", "fields": {"price_in": -1, "a/b": 1}}]),
           ["PIR0616 /candidates/1/fields/price_in", "PIR0604 /candidates/1/fields/a~1b"], ["snapshot/fingerprint"],
           rules=["catalogue/pointer"])
    refuse("core-field", "A field of the standard vocabulary is none of core.",
           _text(vocabulary="core", candidates=[{**ROW, "fields": {"region": "eu"}}]),
           ["PIR0604 /candidates/0/fields/region"], ["candidate/undeclared"])
    refuse("mark", "A text begins with no byte-order mark.", "\ufeff" + _text(), ["PIR0003"], text)
    refuse("empty", "An empty text is no file.", "", ["PIR0005"], text, flags=["Empty"])
    refuse("blank", "White space is no file.", " \n", ["PIR0005"], text)
    refuse("key-twice", "A key occurs once.", _text()[:-1] + ', "catalog": 1}', ["PIR0114"], text)
    refuse("key-twice-in-fields", "A field occurs once.",
           _text(candidates=[{**ROW, "fields": {"price_in": 1}}]).replace('"price_in": 1', '"price_in": 1, "price_in": 1'),
           ["PIR0114"], text)
    refuse("trailing-comma", "A comma before a bracket is refused.", _text().replace("}]", "},]"), ["PIR0106"], text)
    refuse("comment", "A comment is refused.", "// prices\n" + _text(), ["PIR0116"], text)
    refuse("nan", "A price is no word.", _text(candidates=[{**ROW, "fields": {"price_in": 1}}]).replace(
        '"price_in": 1', '"price_in": NaN'), ["PIR0112"], text)
    refuse("overflow", "A price that overflows binary64 is refused as a text.",
           _text(candidates=[{**ROW, "fields": {"price_in": 1}}]).replace('"price_in": 1', '"price_in": 1e309'),
           ["PIR0110"], text, flags=["Overflow"])
    refuse("underflow", "A price that underflows to 0 is refused as a text.",
           _text(candidates=[{**ROW, "fields": {"price_in": 1}}]).replace('"price_in": 1', '"price_in": 1e-400'),
           ["PIR0111"], text, flags=["Underflow"])
    refuse("surrogate", "A lone surrogate is refused as a text.", _text().replace('"a"', '"\\ud83d"'), ["PIR0113"], text)
    refuse("two-values", "A file is one value.", _text() + "{}", ["PIR0107"], text)
    refuse("nesting", "More than 66 open brackets are refused, in the host's own keys too.",
           [_text()[:-1] + ', "x-deep": ', ["[", 66], ["]", 66], "}"], ["PIR0310"], text, flags=["PastEdge"])
    book.add("nesting-edge", "As many as 66 open brackets are read.", rules=text, near=["PIR0310"], flags=["Edge"],
             input={"text": [_text()[:-1] + ', "x-deep": ', ["[", 65], ["]", 65], "}"]})
    return book


def _sizes() -> Book:
    book = Book("catalogue/file-sizes", kind="snapshot", about="Catalogue files at their bounds, and one past them.")
    empty = _text(candidates=[])
    room = 16 * MIB - len(empty)
    book.add("bytes-past-edge", "A file of one byte over 16 MiB is refused.", denies=["catalogue/size"],
             input={"text": [empty, [" ", room + 1]]}, refused="PIR0611", flags=["PastEdge"])
    head, tail = _text(candidates=[])[:-2], "]}"
    book.add("candidates-past-edge", "A file of 65537 candidates is refused before any is looked at.",
             denies=["catalogue/size"], input={"text": [head, ["0,", 65536], "0", tail]},
             refused=["PIR0611 /candidates"], flags=["PastEdge"])
    return book
