"""What an author most likely meant where the grammar does not go on: the diagnostic, and how reading goes on.

Specification: chapter "Diagnostics"; each kind of slip has its own code and its own help.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, TypeAlias

import attrs

from policy_ir.diagnostics import codes, quoted, suggestion
from policy_ir.diagnostics.codes import Code
from policy_ir.signature import SIGNATURE, describe_sort, operations_of
from policy_ir.syntax.authoring.tree import ATTRIBUTES, RELATIONS, RESERVED, VERBS, WORDS_OF_RELATIONS, Lexeme

Repair: TypeAlias = Literal["panic", "call", "fill", "here", "drop"] | tuple[Literal["replace", "insert", "last", "before"], str]
"""How reading goes on. A hole stands for whatever is due.

`panic`: a hole for the whole operand between two separators. `call`: a hole for the function call that is read.
`fill`: a hole before the token. `here`: a hole instead of the token and what it encloses. `drop`: without the token.
`replace` or `insert`: another token instead of it, or others before it. `last` or `before`: another token, or
none, instead of the last one, or before the last one.
"""


@attrs.frozen(slots=True, kw_only=True)
class Slip:
    """One thing that is wrong: a diagnostic at a place, and how reading goes on."""

    code: Code
    place: tuple[int, int]
    message: str
    found: str | None = None
    expected: str | None = None
    help: str | None = None
    repair: Repair


class Stuck(Protocol):
    """A reading that cannot go on. `accepts` are the terminals that can stand at `at`, `accepted` those at `at` - 1."""

    lexemes: list[Lexeme]
    at: int

    @property
    def accepts(self) -> set[str]: ...

    @property
    def accepted(self) -> set[str]: ...

    @property
    def openers(self) -> Sequence[tuple[Lexeme, Lexeme | None]]:
        """The brackets that are open, outermost first, each with the word before it that makes it a call."""

    def accepts_after(self, inserted: str) -> bool:
        """Whether the token can stand where it is once another is inserted before it."""

    def arguments(self) -> int:
        """How many arguments the call that is read seems to have, counted by its commas."""


CLOSERS = {"LPAR": "RPAR", "LBRACE": "RBRACE", "LSQB": "RSQB"}
_CLOSER = {"LPAR": ")", "LBRACE": "}", "LSQB": "]"}
_STRUCTURE = ("policy", "filter", "rank", "select", "mutate", "fallback", "on", "in")
_SEPARATORS = ("AND", "OR", "PLUS", "COMMA", "SEMICOLON", "COLON", "ON", "$END")

_DUE = {
    "TOP": ("Pred", "a predicate"),
    "ZERO": ("Scorer", "a scorer"),
    "NAME": ("Name", "a name"),
    "SEQ": ("Xform", "a transform"),
    "ARGMAX": ("Selector", "a selector"),
    "ALWAYS": ("FailPlan", "a failure plan"),
    "LSQB": ("Setting", "a number, a list of numbers or an action"),
    "ABORT": ("Verb", "an action"),
    "TRUE": ("Scalar", "a number, a string, `true` or `false`"),
    "NUMBER": ("Num", "a number"),
    "STRING": ("Text", "a string in double quotes"),
    "LT": ("Rel", "a relation: `lt`, `le`, `eq`, `ne`, `ge` or `gt`"),
}
"""What is due, by the first of these terminals that is acceptable."""

_MARKS = {"AND": "`and`", "OR": "`or`", "PLUS": "`+`", "LESS": "a relation", "EQUAL": "`==`", "UNEQUAL": "`!=`",
          "AT_LEAST": "`>=`", "IN": "`in`", "COMMA": "`,`", "COLON": "`:`", "LPAR": "`(`", "LBRACE": "`{`", "RPAR": "`)`", "RBRACE": "`}`",
          "RSQB": "`]`", "ON": "`on`", "$END": "the end of the clause"}  # fmt: skip


def due(accepts: set[str]) -> str | None:
    """What is due where these terminals are acceptable: a sort, a kind of parameter, or None for a mark."""
    return next((what for terminal, (what, _) in _DUE.items() if terminal in accepts), None)


def _expected(accepts: set[str]) -> str:
    for terminal, (_, phrase) in _DUE.items():
        if terminal in accepts:
            return phrase
    marks = [phrase for terminal, phrase in _MARKS.items() if terminal in accepts]
    if "LESS" in accepts:
        marks = [mark for mark in marks if mark not in ("`==`", "`!=`", "`>=`")]
    return " or ".join(filter(None, [", ".join(marks[:-1]), marks[-1]]))


def explain(stuck: Stuck) -> Slip:
    """What is wrong with the token at which a reading is stuck."""
    return _Explanation(stuck).slip()


class _Explanation:
    def __init__(self, stuck: Stuck) -> None:
        self.stuck = stuck
        self.token = stuck.lexemes[stuck.at]
        self.last = stuck.lexemes[stuck.at - 1]
        self.next = stuck.lexemes[min(stuck.at + 1, len(stuck.lexemes) - 1)]
        self.accepts = stuck.accepts
        self.opener: Lexeme | None = None
        self.call_of: Lexeme | None = None
        if stuck.openers:
            self.opener, self.call_of = stuck.openers[-1]
        self.row = SIGNATURE.get(self.call_of.text) if self.call_of else None
        self.shown = quoted(self.token.text) if self.token.text else "the end of the clause"

    def make(self, code: Code, message: str, repair: Repair, **fields: Any) -> Slip:
        place = fields.pop("place", self.token)
        if isinstance(place, Lexeme):
            place = place.start, place.end
        return Slip(code=code, place=place, message=message, repair=repair, **fields)

    def slip(self) -> Slip:
        token, last = self.token, self.last
        if token.type == "$END" and self.opener:
            return self.unclosed(_CLOSER[self.opener.type], "panic")
        if self.accepts == {"COLON"} and self.callee_is("chain") and token.type in ("COMMA", "RPAR"):
            return self.unexpected(("insert", "COLON STRING"), help='an entry is a provider and a model: `"a": "b"`')
        if token.type in CLOSERS.values():
            return self.closer()
        if token.type == "LPAR" and last.text.isidentifier() and last.type not in ("AND", "OR", "IN"):
            return self.call()
        if self.accepts == {"LPAR"} and last.type in ("AND", "OR"):
            return self.make(
                codes.UNEXPECTED_TOKEN,
                f"nothing stands before {quoted(last.text)}",
                "panic",
                place=last,
                found=quoted(last.text),
                expected="a predicate",
            )
        if last.type == "COMMA" and self.accepts == {"RPAR"} and self.row:
            return self.arity()
        match due(self.accepts):
            case "Pred":
                return self.predicate()
            case "Scorer":
                return self.scorer()
            case "Selector" | "Xform" | "FailPlan" | "Verb" as sort:
                return self.other_term(sort)
            case None:
                return self.after()
            case kind:
                return self.parameter(kind)

    def unexpected(self, repair: Repair, **fields: Any) -> Slip:
        fields = {"found": self.shown, "expected": _expected(self.accepts)} | fields
        ends = self.token.type == "$END"
        message = f"the clause ends where {fields['expected']} is due" if ends else f"{self.shown} cannot stand here"
        return self.make(codes.UNEXPECTED_TOKEN, message, repair, **fields)

    # --- brackets -----------------------------------------------------------------------------------------------

    def unclosed(self, closer: str, repair: Repair) -> Slip:
        assert self.opener is not None
        return self.make(
            codes.UNCLOSED,
            f"{quoted(self.opener.text)} is not closed",
            repair,
            place=self.opener,
            expected=quoted(closer),
            help=f"{quoted(closer)} is due before {self.shown}",
        )

    def closer(self) -> Slip:
        token, last = self.token, self.last
        if self.opener is None:
            return self.make(codes.MISMATCHED_BRACKET, f"{self.shown} closes nothing", "drop")
        if token.type != CLOSERS[self.opener.type]:
            due_closer = CLOSERS[self.opener.type]
            ready = due_closer in self.accepts
            if any(CLOSERS[opener.type] == token.type for opener, _ in self.stuck.openers):
                return self.unclosed(_CLOSER[self.opener.type], ("insert", due_closer) if ready else "panic")
            return self.make(
                codes.MISMATCHED_BRACKET,
                f"{self.shown} does not close {quoted(self.opener.text)}",
                ("replace", due_closer),
                expected=quoted(_CLOSER[self.opener.type]),
            )
        if last is self.opener and self.opener.type != "LPAR":
            place = (last.start, token.end)
            return self.make(
                codes.EMPTY_LIST, "an empty list", "fill", place=place, expected=_expected(self.accepts)
            )
        if self.row and (last is self.opener or last.type == "COMMA" or "COMMA" in self.accepts):
            return self.arity()
        return self.unexpected("fill" if due(self.accepts) else "panic")

    def arity(self) -> Slip:
        """A call with another number of arguments than its operation takes."""
        row, word = self.row, self.call_of
        assert row is not None
        assert word is not None
        takes = "one argument or more" if row.variadic else _count(len(row.arguments))
        sorts = ", ".join(argument.expected for argument in row.arguments)
        return self.make(
            codes.WRONG_ARITY,
            f"{quoted(row.op)} takes {takes}",
            "call",
            place=word,
            found=_count(self.stuck.arguments()),
            expected=f"{takes}: {sorts}",
        )

    def call(self) -> Slip:
        """A word with a parenthesis after it that is no function here."""
        word, wanted = self.last, due(self.stuck.accepted)
        place: dict[str, Any] = {"place": word, "found": quoted(word.text)}
        row = SIGNATURE.get(word.text)
        if wanted not in ("Pred", "Scorer"):
            self.accepts = self.stuck.accepted
            expected = _expected(self.accepts)
            return self.make(
                codes.WRONG_PARAMETER, f"a function where {expected} is due", "panic", expected=expected, **place
            )
        if row is None:
            near = suggestion(word.text, [row.op for row in operations_of(wanted) if row.arguments])
            return self.make(
                codes.UNKNOWN_OPERATION,
                f"the language has no function {quoted(word.text)}",
                "panic",
                expected=describe_sort(wanted),
                help=f"did you mean `{near}`?" if near else None,
                **place,
            )
        if not row.arguments:
            message = f"{quoted(word.text)} takes no arguments"
            return self.make(codes.WRONG_ARITY, message, "panic", help="write it without parentheses", **place)
        return self.sort(word, row.sort, wanted)

    def sort(self, word: Lexeme, sort: str, wanted: str) -> Slip:
        """A term of one sort where another is due."""
        helps = {
            ("Scorer", "Pred"): "a score is compared by `test(s >= 0.5)`",
            ("Pred", "Scorer"): "a score where a predicate accepts, else 0: `gate(p, s)`",
        }
        is_function = word.text in SIGNATURE or word.text in VERBS
        message = f"{describe_sort(sort)} where {describe_sort(wanted)} is due"
        return self.make(
            codes.WRONG_SORT,
            f"{quoted(word.text)} makes {message}" if is_function else message,
            "panic",
            place=word,
            found=describe_sort(sort),
            expected=describe_sort(wanted),
            help=helps.get((sort, wanted)),
        )

    # --- where a term is due ------------------------------------------------------------------------------------

    def predicate(self) -> Slip:
        token = self.token
        match token.type:
            case "NUMBER" if self.next.type in RELATIONS:
                return self.comparison("write the field first: `price_out <= 25`")
            case "NUMBER" if self.next.type in ("STAR", "PLUS"):
                return self.sort(token, "Scorer", "Pred")
            case "ZERO":
                return self.sort(token, "Scorer", "Pred")
            case "STRING" if self.next.type in (*RELATIONS, "IN", "NOT"):
                return self.quoted_name()
            case "TRUE" | "FALSE":
                return self.not_a_term(f"write `{'top' if token.type == 'TRUE' else 'bot'}`")
        return self.operand()

    def scorer(self) -> Slip:
        token = self.token
        match token.type:
            case "STRING":
                return self.quoted_name()
            case "PLUS" if self.next.type == "NUMBER":
                written = quoted(f"+{self.next.text}")
                return self.make(codes.BAD_NUMBER, f"{written} is not a number", "drop", help="leave out the `+`")
            case "TOP" | "BOT" | "MEETS_REQ" | "SCOPE_MATCHES" | "NOT" | "PROVIDER" | "FAMILY" | "SERVED_BY" | "TIER":
                return self.sort(token, "Pred", "Scorer")
        return self.operand()

    def other_term(self, sort: str) -> Slip:
        """A selector, a transform, a failure plan or an action is due."""
        token = self.token
        if not token.text.isidentifier():
            return self.operand()
        row = SIGNATURE.get(token.text)
        if row is not None and sort != "Verb":
            return self.sort(token, row.sort, sort)
        if sort in ("FailPlan", "Verb"):
            return self.verb()
        if token.text in VERBS:
            return self.sort(token, "FailPlan", sort)
        near = suggestion(token.text, [row.op for row in operations_of(sort)])
        return self.make(
            codes.UNKNOWN_OPERATION,
            f"{quoted(token.text)} is not {describe_sort(sort)}",
            "here",
            found=self.shown,
            expected=describe_sort(sort),
            help=f"did you mean `{near}`?" if near else None,
        )

    def operand(self) -> Slip:
        """A term is due and something else stands there."""
        token = self.token
        if token.type in ("STRING", "NUMBER", "TRUE", "FALSE"):
            return self.not_a_term(None)
        if token.text in _STRUCTURE and due(self.accepts) in ("Pred", "Scorer"):
            return self.reserved()
        if token.type == "COMMA":
            return self.unexpected("drop")
        return self.unexpected("fill" if token.type in _SEPARATORS else "panic")

    def not_a_term(self, help_: str | None) -> Slip:
        expected = _expected(self.accepts)
        message = f"{self.shown} where {expected} is due"
        return self.make(codes.NOT_A_TERM, message, "here", found=self.shown, expected=expected, help=help_)

    # --- where a parameter is due -------------------------------------------------------------------------------

    def parameter(self, kind: str) -> Slip:
        token, is_word = self.token, self.token.text.isidentifier()
        if token.type in _SEPARATORS and token.type not in ("AND", "OR", "ON"):
            return self.unexpected("drop" if token.type == "COMMA" else "fill")
        match kind:
            case "Name" if token.type == "STRING":
                return self.quoted_name()
            case "Name" if token.text in RESERVED:
                return self.reserved()
            case "Text" if is_word or token.type == "QUOTED":
                return self.unquoted()
            case "Scalar" if is_word and token.text.lower() not in ("true", "false"):
                return self.unquoted()
            case "Num" | "Scalar" | "Setting" if token.text.lower() in ("nan", "inf", "infinity"):
                message = f"{self.shown} is not a number of the language"
                return self.make(codes.NOT_A_NUMBER, message, "here", found=self.shown, expected="a finite number")
            case "Num" if self.last.type in RELATIONS:
                return self.compared()
            case "Setting" if is_word and self.stuck.lexemes[self.stuck.at - 2].text == "then_action":
                return self.verb()
            case "Rel":
                return self.relation()
        expected = _expected(self.accepts)
        near = suggestion(token.text, ["true", "false"]) if kind == "Scalar" and is_word else None
        message = f"{self.shown} where {expected} is due"
        help_ = f"write `{near}`" if near else None
        return self.make(codes.WRONG_PARAMETER, message, "here", found=self.shown, expected=expected, help=help_)

    def compared(self) -> Slip:
        """Something other than a number after a relation."""
        if self.token.type in RELATIONS:
            written = self.last.text + self.token.text
            help_ = "write `!=`" if written == "<>" else f"write `{self.last.text}`"
            place = (self.last.start, self.token.end)
            message = f"{quoted(written)} is not an operator of the language"
            return self.make(codes.FOREIGN_OPERATOR, message, "drop", place=place, help=help_)
        if self.token.type == "STRING":
            return self.comparison(f'whether a tag is one of several: `in {{"{self.token.text[1:-1]}"}}`', "here")
        return self.comparison("a field is compared with a number, a score by `test(s >= 0.5)`", "panic")

    def comparison(self, help_: str, repair: Repair = "panic") -> Slip:
        expected = "a field, a relation and a number"
        message = f"{self.shown} cannot be compared here"
        return self.make(codes.BAD_COMPARISON, message, repair, found=self.shown, expected=expected, help=help_)

    def relation(self) -> Slip:
        word = RELATIONS.get(self.token.type)
        near = word or suggestion(self.token.text, WORDS_OF_RELATIONS)
        return self.make(
            codes.UNKNOWN_RELATION,
            f"{self.shown} is not a relation of the function form",
            "here",
            found=self.shown,
            expected=_expected(self.accepts),
            help=f"write `{near}`" if near else None,
        )

    def verb(self) -> Slip:
        near = suggestion(self.token.text, VERBS)
        return self.make(
            codes.UNKNOWN_VERB,
            f"{self.shown} is not an action",
            "here",
            found=self.shown,
            expected=", ".join(f"`{verb}`" for verb in VERBS[:-1]) + f" or `{VERBS[-1]}`",
            help=f"did you mean `{near}`?" if near else None,
        )

    def quoted_name(self) -> Slip:
        name = self.token.text[1:-1]
        bare = name.isascii() and name.isidentifier() and name not in RESERVED
        help_ = f"write {quoted(name)}" if bare else "write it in backticks"
        message = f"{self.shown} where {_expected(self.accepts)} is due"
        return self.make(
            codes.QUOTED_NAME, message, ("replace", "NAME"), found=self.shown, expected="a name", help=help_
        )

    def unquoted(self) -> Slip:
        message = f"{self.shown} without double quotes"
        help_ = "write " + quoted(f'"{self.token.text.strip("`")}"')
        return self.make(
            codes.UNQUOTED_VALUE, message, "here", found=self.shown, expected=_expected(self.accepts), help=help_
        )

    def reserved(self) -> Slip:
        message = f"{self.shown} is a reserved word"
        return self.make(
            codes.RESERVED_WORD, message, ("replace", "NAME"), found=self.shown, expected="a name",
            help="as a name it is written in backticks",
        )  # fmt: skip

    # --- where a mark is due ------------------------------------------------------------------------------------

    def after(self) -> Slip:
        """After a term or parameter, or inside a condition, where an operator, separator or bracket is due."""
        token, last, accepts = self.token, self.last, self.accepts
        predicates, scorers = "AND" in accepts, "PLUS" in accepts
        if last.text in ATTRIBUTES and "IN" in accepts:
            return self.attribute()
        if last.type == "SEMICOLON" and not self.opener:
            return self.after_semicolon()
        if token.type in ("COMMA", "SEMICOLON"):
            return self.separator()
        if scorers and token.type in (*RELATIONS, "AND", "OR", "NOT", "IN"):
            return self.sort(token, "Pred", "Scorer")
        if predicates and token.type in ("PLUS", "STAR"):
            return self.sort(token, "Scorer", "Pred")
        if predicates and token.type in RELATIONS:
            chained = last.type == "NUMBER"
            return self.comparison(
                "join two comparisons with `and`" if chained else "a score is compared by `test(s >= 0.5)`"
            )
        if token.type == "STAR":
            help_ = "a number comes first: `0.5 * s`"
            return self.make(codes.FOREIGN_ARITHMETIC, "only a number multiplies a scorer", "panic", help=help_)
        if last.type == "NOT" and self.accepts == {"IN"}:
            message = "`and` is missing before `not`"
            return self.make(codes.MISSING_OPERATOR, message, ("before", "AND"), place=last, expected="`and`")
        if last.type == "IN":
            return self.unexpected("panic", help='a list of values: `in {"a", "b"}`')
        return self.missing()

    def callee_is(self, op: str) -> bool:
        return self.row is not None and self.row.op == op

    def attribute(self) -> Slip:
        """A reserved attribute, and after it neither `==`, `!=` nor `in`."""
        last = self.last
        if self.token.type in RELATIONS:
            tier = last.type == "TIER"
            return self.make(
                codes.ATTRIBUTE_RELATION,
                f"{quoted(last.text)} has no {self.shown}",
                ("replace", "EQUAL"),
                found=self.shown,
                expected=_expected(self.accepts),
                help="`tier >= x`, `not tier >= x`, `tier == x` or `tier in {x, y}`" if tier else None,
            )
        return self.make(
            codes.RESERVED_WORD,
            f"{quoted(last.text)} alone is no predicate",
            ("last", "NAME"),
            place=last,
            expected=_expected(self.accepts) + f" after {quoted(last.text)}",
            help="a field of this name is written in backticks",
        )

    def after_semicolon(self) -> Slip:
        """More of a clause after a semicolon that ended it."""
        for mark, text in (("AND", "and"), ("PLUS", "+")):
            if mark in self.stuck.accepted:
                return self.make(
                    codes.WRONG_SEPARATOR,
                    f"`;` where `{text}` is due",
                    ("last", mark),
                    place=self.last,
                    help="`;` separates transforms",
                )
        if self.token.type == "ON" and "ON" in self.stuck.accepted:
            return self.make(codes.WRONG_SEPARATOR, "`;` before `on`", ("last", ""), place=self.last, help="leave it out")
        return self.unexpected("drop" if self.token.type == "SEMICOLON" else "panic")

    def separator(self) -> Slip:
        """A comma or semicolon where another separator is due."""
        written = self.token.text
        if written == ";" and (self.callee_is("when") or self.callee_is("seq")):
            help_ = "put a sequence in parentheses: `when(p, (a; b))`"
            return self.make(codes.WRONG_SEPARATOR, "`;` between arguments", "call", help=help_)
        marks = {"COMMA": ",", "AND": "and", "PLUS": "+", "SEMICOLON": ";"}
        for mark, text in marks.items():
            if mark in self.accepts and mark != self.token.type and (mark != "SEMICOLON" or self.sequence()):
                return self.make(codes.WRONG_SEPARATOR, f"`{written}` where `{text}` is due", ("replace", mark))
        return self.unexpected("drop")

    def sequence(self) -> bool:
        """Whether what is read is a sequence of transforms."""
        return self.stuck.lexemes[0].type == "MUTATE"

    def missing(self) -> Slip:
        """Nothing between two things that something must stand between."""
        enough = self.row is not None and not self.row.variadic and self.stuck.arguments() >= len(self.row.arguments)
        marks = ["COLON", "COMMA", "AND", "PLUS"] if not enough else ["COLON", "AND", "PLUS", "COMMA"]
        for mark in (*marks, *(["SEMICOLON"] if self.sequence() else []), *CLOSERS):
            if mark in self.accepts and self.stuck.accepts_after(mark):
                break
        else:
            return self.unexpected("panic")
        text = {"COLON": ":", "COMMA": ",", "AND": "and", "PLUS": "+", "SEMICOLON": ";"}.get(mark)
        if text is None:
            return self.unexpected(("insert", mark))
        if mark == "PLUS" and self.token.text.startswith("-"):
            help_ = "there is no subtraction: `neg(s)` is 1 - s, and `-1 * s` can be added"
            return self.make(codes.FOREIGN_ARITHMETIC, "scorers are not subtracted", ("insert", mark), help=help_)
        code = codes.MISSING_OPERATOR if mark in ("AND", "PLUS") else codes.MISSING_COMMA
        return self.make(code, f"`{text}` is missing before {self.shown}", ("insert", mark), expected=f"`{text}`")


def _count(number: int) -> str:
    return "1 argument" if number == 1 else f"{number} arguments"
