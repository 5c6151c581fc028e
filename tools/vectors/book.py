"""A book: the vectors of one file as an author states them, before the reference has said what comes out.

An author gives the input, what is special about it, and of every refusal the code of the first finding; `page` adds the
expectation, the rules of the derivation and the features, and refuses what its author cannot have meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from policy_ir.conformance import subject
from policy_ir.conformance.compare import OF_TEXT
from policy_ir.conformance.lint import FLAGS, is_sentence
from policy_ir.conformance.suite import joined
from vectors import measure

MEMBERS: Final = ("id", "comment", "rules", "denies", "near", "features", "flags", "input", "expect")


class AuthorError(Exception):
    """A vector that does not say what its author meant."""


@attrs.frozen
class Entry:
    """A vector as its author states it."""

    name: str
    comment: str
    input: Mapping[str, Any]
    rules: tuple[str, ...]
    denies: tuple[str, ...]
    near: tuple[str, ...]
    features: tuple[str, ...]
    flags: tuple[str, ...]
    refused: str | tuple[str, ...] | None
    result: Mapping[str, Any] | None


class Book:
    """The vectors of one file, `conformance/vectors/PATH.json`, all of one kind."""

    def __init__(self, path: str, kind: str, about: str) -> None:
        if kind not in subject.KINDS:
            raise AuthorError(f"{path}: no kind {kind}")
        if not re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", path):
            raise AuthorError(f"{path}: a path is a chapter and a subject")
        self.path, self.kind, self.about = path, kind, about
        self._entries: dict[str, Entry] = {}
        self._inputs: dict[str, str] = {}
        self._wrong: list[str] = []

    def add(self, name: str, comment: str, **stated: Any) -> None:
        """One more vector; `_add` has the arguments. What is wrong with it is said when the page is asked for."""
        try:
            self._add(name, comment, **stated)
        except AuthorError as error:
            self._wrong.append(str(error))

    def _add(
        self,
        name: str,
        comment: str,
        *,
        input: Mapping[str, Any],
        rules: Iterable[str] = (),
        denies: Iterable[str] = (),
        near: Iterable[str] = (),
        features: Iterable[str] = (),
        flags: Iterable[str] = (),
        refused: str | Sequence[str] | None = None,
        result: Mapping[str, Any] | None = None,
    ) -> None:
        """One more vector.

        `refused` is the code of the first finding, or the list of the codes of all, each followed by a space and its
        pointer where that is to be pinned too; without it there must be a result.
        `result` pins members of the result by hand. `rules` are those that no measurement finds.
        """
        identity = f"{self.path}/{name}"
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            raise AuthorError(f"{identity}: a name is of small letters, digits and hyphens")
        if name in self._entries:
            raise AuthorError(f"{identity}: there is one already")
        if not is_sentence(comment) or not 12 < len(comment) <= 400:
            raise AuthorError(f"{identity}: the comment is no sentence: {comment}")
        written = measure.dumps(input)
        if written in self._inputs:
            raise AuthorError(f"{identity}: the same input as {self._inputs[written]}")
        self._inputs[written] = identity
        if unknown := set(flags) - set(FLAGS):
            raise AuthorError(f"{identity}: unknown flags {sorted(unknown)}")
        if refused is not None and result is not None:
            raise AuthorError(f"{identity}: both refused and a result")
        self._entries[name] = Entry(
            name, comment, dict(input), tuple(rules), tuple(denies), tuple(near), tuple(features), tuple(flags),
            refused if refused is None or isinstance(refused, str) else tuple(refused), result,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self._entries)

    def vectors(self) -> Iterator[dict[str, Any]]:
        """The finished vectors, in the order in which they were added. Raises AuthorError, with all that is wrong."""
        wrong = [*self._wrong]
        for entry in self._entries.values():
            try:
                yield self._finished(entry)
            except AuthorError as error:
                wrong.append(str(error))
        if wrong:
            raise AuthorError("\n".join(wrong))

    def page(self) -> str:
        """The text of the file."""
        lines = [f'{{\n"about": {measure.dumps(self.about)},\n"kind": {measure.dumps(self.kind)},\n"vectors": [\n']
        blocks = [
            "{\n" + ",\n".join(f'  "{member}": {measure.dumps(vector[member])}' for member in MEMBERS) + "\n}"
            for vector in self.vectors()
        ]
        return "".join(lines) + ",\n".join(blocks) + "\n]\n}\n"

    def _finished(self, entry: Entry) -> dict[str, Any]:
        identity = f"{self.path}/{entry.name}"
        request = joined(entry.input)
        try:
            reply = subject.answer(self.kind, request)
        except Exception as error:
            raise AuthorError(f"{identity}: {error!r}") from error
        expect: dict[str, Any]
        if "refused" in reply:
            findings = [{"code": finding["code"], "pointer": finding["pointer"]} for finding in reply["refused"]]
            codes = tuple(finding["code"] for finding in findings)
            if entry.refused is None:
                raise AuthorError(f"{identity}: refused, unexpectedly: {reply['refused']}")
            wanted = (entry.refused,) if isinstance(entry.refused, str) else entry.refused
            enough = len(findings) >= 1 if isinstance(entry.refused, str) else len(findings) == len(wanted)
            if not enough or not all(map(_is_due, wanted, findings)):
                due = entry.refused
                raise AuthorError(f"{identity}: refused with {findings}, not {due}")
            if near := set(codes) & set(entry.near):
                raise AuthorError(f"{identity}: refused with {near}, which it should be near to only")
            if self._of_source(codes[0], request):
                # There is nothing to point into yet, and what is found after the first is the reader's own affair.
                findings = [{"code": codes[0], "pointer": None}]
            expect = {"refused": findings}
        elif "result" in reply:
            if entry.refused is not None:
                raise AuthorError(f"{identity}: not refused with {entry.refused}, but {reply['result']}")
            expect = {"result": reply["result"]}
        else:
            raise AuthorError(f"{identity}: the reference answers {reply}")
        self._pinned(identity, entry, expect)
        flags = set(entry.flags)
        if len(expect.get("refused", ())) > 1:
            flags.add("SeveralFindings")
        measured = measure.rules(self.kind, request) if "result" in expect else ()
        if self.kind == "normal-form" and (unused := set(entry.rules) - set(measured)):
            raise AuthorError(f"{identity}: does not use {sorted(unused)}")
        if twice := set(entry.denies) & {*measured, *entry.rules}:
            raise AuthorError(f"{identity}: denies {sorted(twice)}, which it uses")
        return {
            "id": identity,
            "comment": entry.comment,
            "rules": sorted({*entry.rules, *measured}),
            "denies": sorted(set(entry.denies)),
            "near": sorted(set(entry.near)),
            "features": sorted({*entry.features, *measure.features(self.kind, request, expect)}),
            "flags": [flag for flag in FLAGS if flag in flags],
            "input": entry.input,
            "expect": expect,
        }

    def _of_source(self, code: str, request: Mapping[str, Any]) -> bool:
        """Whether a refusal is one by a source text, so that its first code counts only (`compare/findings`)."""
        if self.kind not in measure.TEXT_KINDS:
            return code < OF_TEXT and "text" in request and self.kind != "facts"
        if "value" in request:
            return False
        return code < OF_TEXT or "authoring" in measure.features(self.kind, request, {})

    def _pinned(self, identity: str, entry: Entry, expect: Mapping[str, Any]) -> None:
        for member, value in (entry.result or {}).items():
            if _spelled(given := expect["result"].get(member)) != _spelled(value):
                raise AuthorError(f"{identity}: {member} is {given}, not {value}")


def _is_due(wanted: str, finding: Mapping[str, Any]) -> bool:
    """Whether a finding has the code, and the pointer if one is pinned."""
    code, space, pointer = wanted.partition(" ")
    return finding["code"] == code and (not space or finding["pointer"] == pointer)


def _spelled(value: Any) -> str:
    """A value as a text, in which numbers that are equal are spelled alike."""
    return json.dumps(json.loads(measure.dumps(value), parse_int=float), sort_keys=True)
