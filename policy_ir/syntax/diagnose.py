"""Why a JSON value is no well-sorted term: every finding, with its JSON Pointer, in the order of the value.

The grammar and the loader say no; this module says what is wrong and what was probably meant. It finds something in
exactly the values that they refuse. Findings do not follow from one another: below an unknown operation or a wrong
number of arguments, only what is a term on its own is looked at. Specification: chapter "Syntax", "Well-sorted terms".
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from policy_ir.diagnostics import Diagnostic, codes, quoted, suggestion
from policy_ir.diagnostics.codes import Code
from policy_ir.signature import SIGNATURE, Argument, Operation, describe_sort
from policy_ir.syntax import slips
from policy_ir.syntax.bounds import (
    DEPTH,
    DIAGNOSTICS,
    EFFECTIVE_DEPTH,
    EFFECTIVE_NODES,
    ENTRIES,
    NODES,
    STRING_BYTES,
    string_fits,
)
from policy_ir.syntax.findings import NUMBER, Enough, Findings, counted, is_list, shown
from policy_ir.syntax.places import Places, step
from policy_ir.terms import ACTION_KEYS, CHAIN_KEYS, RELATIONS, VERBS

_VERB = "an action: " + ", ".join(f"`{verb}`" for verb in VERBS[:-1]) + f" or `{VERBS[-1]}`"
_CHAIN_KEYS = (*CHAIN_KEYS[0], *CHAIN_KEYS[1])


def diagnose(
    value: object,
    sort: str | None = None,
    source: str | None = None,
    places: Places | None = None,
    *,
    effective: bool = False,
) -> list[Diagnostic]:
    """Every finding in a value where a term of a sort is due (None: of any), at most 100; none if it is such a term.

    The value may be anything, also contain itself. `source` names the input in the findings; with `places`, findings
    about keys have the spans of the keys. `effective` allows the depth and nodes of a term with a floor around it.
    """
    diagnosis = _Diagnosis(source, places, effective)
    with suppress(Enough):
        diagnosis.term(value, sort, None if sort is None else describe_sort(sort), "", 1)
    return diagnosis.found


def diagnose_within(findings: Findings, value: object, sort: str, pointer: str) -> int:
    """Report what is wrong with a term of a sort that is a part of a larger value; how many nodes were looked at.

    Raises Enough with the last finding that there may be in all.
    """
    diagnosis = _Diagnosis(findings.source, findings.places)
    diagnosis.found = findings.found
    try:
        diagnosis.term(value, sort, describe_sort(sort), pointer, 1)
    except Enough:  # of this term, which has too many nodes, or of everything
        if len(findings.found) == DIAGNOSTICS:
            raise
    return diagnosis.nodes


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class _Diagnosis(Findings):
    """One walk over one term."""

    def __init__(self, source: str | None, places: Places | None, effective: bool = False) -> None:
        super().__init__(source, places)
        self.deepest = EFFECTIVE_DEPTH if effective else DEPTH
        self.most = EFFECTIVE_NODES if effective else NODES
        self.nodes = 0
        self.deep = False

    # --- terms ---

    def term(self, value: object, sort: str | None, expected: str | None, pointer: str, depth: int) -> None:
        """Look at a value where a term is due; `expected` is how a message names the sort."""
        if self.foreign(value, pointer):
            return
        if not is_list(value) or not value or not isinstance(value[0], str):
            self.no_term(value, sort, expected, pointer, depth)
            return
        if not self.within_bounds(pointer, depth) or self.foreign(value[0], f"{pointer}/0"):
            return
        row = SIGNATURE.get(value[0])
        if row is None:
            self.unknown_operation(value[0], sort, pointer)
            self.terms_within(value, pointer, depth)
            return
        if sort is not None and row.sort != sort:
            self.report(
                codes.WRONG_SORT,
                pointer,
                f"{describe_sort(row.sort)} where {expected} is due",
                found=f"{describe_sort(row.sort)}, `{row.op}`",
                expected=expected,
                help=slips.other_sort(row.sort, sort),
            )
        if not (len(value) >= 2 if row.variadic else len(value) == len(row.arguments) + 1):
            self.arity(row, len(value) - 1, pointer)
            self.terms_within(value, pointer, depth)
            return
        for at in range(1, len(value)):
            argument = row.arguments[0 if row.variadic else at - 1]
            if argument.is_term:
                self.term(value[at], argument.sort, argument.expected, f"{pointer}/{at}", depth + 1)
            else:
                self.parameter(argument, value[at], f"{pointer}/{at}")

    def within_bounds(self, pointer: str, depth: int) -> bool:
        """Count a node; the depth is reported once, and more nodes than the bound end the walk."""
        self.nodes += 1
        if self.nodes > self.most:
            self.report(
                codes.TOO_MANY_NODES,
                pointer,
                f"the term has more than {self.most} nodes",
                expected=f"at most {self.most} nodes",
            )
            raise Enough
        if depth > self.deepest and not self.deep:
            self.deep = True
            self.report(
                codes.TOO_DEEP,
                pointer,
                f"the term is deeper than {self.deepest}",
                expected=f"a depth of at most {self.deepest}",
            )
        return depth <= self.deepest

    def no_term(self, value: object, sort: str | None, expected: str | None, pointer: str, depth: int) -> None:
        expected = expected or "a term"
        self.report(
            codes.NOT_A_TERM,
            pointer,
            f"{shown(value)} where {expected} is due",
            found=shown(value),
            expected=expected,
            help=slips.no_term(value, sort),
        )
        if is_list(value):
            self.terms_within(value, pointer, depth, first=0)

    def unknown_operation(self, name: str, sort: str | None, pointer: str) -> None:
        self.report(
            codes.UNKNOWN_OPERATION,
            f"{pointer}/0",
            f"the language has no operation {quoted(name)}",
            found=quoted(name),
            expected="an operation" if sort is None else f"an operation that makes {describe_sort(sort)}",
            help=slips.operation(name, sort),
        )

    def arity(self, row: Operation, given: int, pointer: str) -> None:
        wanted = "one or more arguments" if row.variadic else counted(len(row.arguments), "argument")
        self.report(
            codes.WRONG_ARITY,
            pointer,
            f"`{row.op}` takes {wanted}, found {given or 'none'}",
            found=counted(given, "argument"),
            expected=wanted,
            help=f"it is written {slips.written(row)}",
        )

    def terms_within(self, value: Any, pointer: str, depth: int, first: int = 1) -> None:
        """Look at those entries, the head excepted, that are terms on their own, whatever is due there."""
        for at in range(first, len(value)):
            entry = value[at]
            if is_list(entry) and entry and isinstance(entry[0], str) and entry[0] in SIGNATURE:
                self.term(entry, None, None, f"{pointer}/{at}", depth + 1)

    # --- parameters ---

    def parameter(self, argument: Argument, value: object, pointer: str) -> None:
        if self.foreign(value, pointer):
            return
        match argument.sort:
            case "Num" | "Count":
                self.number(value, argument.expected, pointer)
            case "Rel":
                self.word(value, RELATIONS, codes.UNKNOWN_RELATION, "a relation", argument.expected, pointer)
            case "Scalar":
                self.scalar(value, argument.expected, pointer)
            case "Names":
                self.list_of(value, argument.expected, pointer, least=1, entry=self.name)
            case "Recipe":
                self.list_of(value, argument.expected, pointer, least=0, entry=self.recipe_step)
            case "Chain":
                self.list_of(value, argument.expected, pointer, least=0, entry=self.chain_entry)
            case "Action":
                self.action(value, argument.expected, pointer)
            case _:
                self.string(value, argument.expected, pointer)

    def wrong(self, value: object, expected: str, pointer: str, help_: str | None) -> None:
        self.report(
            codes.WRONG_PARAMETER,
            pointer,
            f"{shown(value)} where {expected} is due",
            found=shown(value),
            expected=expected,
            help=help_,
        )

    def number(self, value: object, expected: str, pointer: str, help_: str | None = None) -> None:
        if not _is_number(value):
            self.wrong(value, expected, pointer, slips.number(value) or help_)

    def string(self, value: object, expected: str, pointer: str) -> None:
        if not isinstance(value, str):
            self.wrong(value, expected, pointer, slips.string(value))
        else:
            self.length(value, pointer)

    def length(self, text: str, pointer: str, *, at: str = "value") -> None:
        if not string_fits(text):
            self.report(
                codes.STRING_TOO_LONG,
                pointer,
                f"a string of more than {STRING_BYTES} bytes",
                at=at,
                found=f"a string of {len(text.encode())} bytes",
                expected=f"at most {STRING_BYTES} bytes of UTF-8",
            )

    def word(self, value: object, known: tuple[str, ...], code: Code, what: str, expected: str, pointer: str) -> None:
        if not isinstance(value, str):
            self.wrong(value, expected, pointer, None)
        elif value not in known:
            help_ = slips.relation(value) if known is RELATIONS else slips.verb(value)
            message = f"{quoted(value)} is not {what}"
            self.report(code, pointer, message, found=quoted(value), expected=expected, help=help_)

    def scalar(self, value: object, expected: str, pointer: str) -> None:
        if isinstance(value, str):
            self.length(value, pointer)
        elif not isinstance(value, (int, float)):
            self.wrong(value, expected, pointer, None)

    def list_of(self, value: object, expected: str, pointer: str, *, least: int, entry: Any) -> None:
        if not is_list(value):
            self.wrong(value, expected, pointer, slips.listed(value))
        elif len(value) < least:
            self.report(
                codes.EMPTY_LIST, pointer, f"an empty list where {expected} is due", expected=expected, found="`[]`"
            )
        elif self.few(len(value), pointer):
            for at, each in enumerate(value):
                if not self.foreign(each, f"{pointer}/{at}"):
                    entry(each, f"{pointer}/{at}")

    def few(self, size: int, pointer: str) -> bool:
        if size > ENTRIES:
            self.report(
                codes.TOO_MANY_ENTRIES,
                pointer,
                f"more than {ENTRIES} entries",
                found=counted(size, "entry"),
                expected=f"at most {ENTRIES} entries",
            )
        return size <= ENTRIES

    def name(self, value: object, pointer: str) -> None:
        self.string(value, "a name", pointer)

    def pause(self, value: object, pointer: str) -> None:
        self.number(value, NUMBER, pointer)

    # --- records ---

    def members(self, record: dict[Any, Any], pointer: str) -> list[tuple[str, Any, str]]:
        """The key, value and pointer of those members whose keys and values JSON can have.

        What JSON forbids is found in all members before anything else is found in any.
        """
        sound: list[tuple[str, Any, str]] = []
        named: list[tuple[str, str]] = []
        if not self.few(len(record), pointer):
            return sound
        for key, value in record.items():
            if self.key(key, pointer):
                member = step(pointer, key)
                named.append((key, member))
                if not self.foreign(value, member):
                    sound.append((str.__str__(key), value, member))
        for key, member in named:
            self.length(key, member, at="key")
        return sound

    def missing(self, keys: str, record: str, pointer: str) -> None:
        self.report(
            codes.MISSING_KEY,
            pointer,
            f"{record} must have {keys}",
            at="end",
            found=f"{record} without it",
            expected=keys,
        )

    def recipe_step(self, value: object, pointer: str) -> None:
        if isinstance(value, dict):
            for _, setting, member in self.members(value, pointer):
                self.number(setting, NUMBER, member)
        else:
            self.string(value, "the name of a filter step, or a record of such names to numbers", pointer)

    def chain_entry(self, value: object, pointer: str) -> None:
        if not isinstance(value, dict):
            self.wrong(value, "a record with a provider and a model", pointer, None)
            return
        for key, entry, member in self.members(value, pointer):
            if key in _CHAIN_KEYS:
                self.string(entry, "a name", member)
                continue
            near = suggestion(key, _CHAIN_KEYS)
            self.report(
                codes.UNKNOWN_KEY,
                member,
                f"an entry of a chain has no key {quoted(key)}",
                at="key",
                found=quoted(key),
                expected="`provider` or `provider_id`, and `model` or `model_family`",
                help=f"did you mean `{near}`?" if near else None,
            )
        if len(value) <= ENTRIES:
            for spellings in CHAIN_KEYS:
                if value.keys().isdisjoint(spellings):
                    self.missing(f"`{spellings[0]}`", "an entry of a chain", pointer)

    def action(self, value: object, expected: str, pointer: str) -> None:
        if not isinstance(value, dict):
            self.wrong(value, expected, pointer, slips.action(value))
            return
        for key, entry, member in self.members(value, pointer):
            match key:
                case "action" | "then_action":
                    self.word(entry, VERBS, codes.UNKNOWN_VERB, "an action", _VERB, member)
                case "backoff_ms" if is_list(entry):
                    self.list_of(entry, "a list of numbers", member, least=0, entry=self.pause)
                case "backoff_ms":
                    self.number(entry, "a number of milliseconds or a list of them", member)
                case "attempts" | "open_breaker_ms":
                    self.number(entry, NUMBER, member)
                case _:
                    near = None if _is_number(entry) else suggestion(key, ACTION_KEYS)
                    help_ = f"did you mean `{near}`? further keys map to numbers" if near else None
                    self.number(entry, NUMBER, member, help_)
        if "action" not in value and len(value) <= ENTRIES:
            self.missing("`action`", "an action", pointer)
