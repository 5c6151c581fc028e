"""What an author most likely meant where the grammar does not go on: the diagnostic, and how reading goes on.

Specification: chapter "Authoring syntax", section "Refusals".
"""

from __future__ import annotations

import re
from typing import Any

from policy_ir.diagnostics import codes, quoted, suggestion
from policy_ir.diagnostics.codes import Code
from policy_ir.signature import SIGNATURE, describe_sort, operations_of
from policy_ir.syntax.authoring.stuck import CLOSERS, CLOSING, SEPARATORS, STRUCTURE, Repair, Slip, Stuck, due, expected
from policy_ir.syntax.authoring.tree import ATTRIBUTES, RELATIONS, RESERVED, Lexeme
from policy_ir.terms import RELATIONS as WORDS_OF_RELATIONS
from policy_ir.terms import VERBS

_TEST = "a score is compared by `test(s >= 0.5)`"
_SORT_HELP = {
    ("Scorer", "Pred"): _TEST,
    ("Pred", "Scorer"): "`gate(p, s)` scores 0 where a predicate refuses",
    ("Scorer", "Selector"): "a scorer stands after `rank`; `rank_by` sorts again inside a selector",
    ("Pred", "Xform"): "`when(p, x)` transforms where a predicate accepts",
}
_PREDICATES = ("TOP", "BOT", "MEETS_REQ", "SCOPE_MATCHES", "NOT", *(word.upper() for word in ATTRIBUTES))
_TEXT = {"COLON": ":", "COMMA": ",", "AND": "and", "PLUS": "+", "SEMICOLON": ";"}
_WORDS = ("AND", "OR", "IN")
_NUMERIC = re.compile(r'"-?[0-9][0-9_]*(\.[0-9]+)?"')
_NO_SUBTRACTION = "there is no subtraction: `neg(s)` is 1 - s, and `-1 * s` can be added"


def explain(stuck: Stuck) -> Slip:
    """What is wrong with the token at which a reading is stuck."""
    return _Explanation(stuck).slip()


class _Explanation:
    """One place: the token there, those around it, what could stand there, the bracket and the call it stands in."""

    def __init__(self, stuck: Stuck) -> None:
        self.stuck = stuck
        self.token = stuck.lexemes[stuck.at]
        self.last = stuck.lexemes[stuck.at - 1]
        self.next = stuck.lexemes[min(stuck.at + 1, len(stuck.lexemes) - 1)]
        self.accepts = stuck.accepts
        self.due, self.expected = due(self.accepts), expected(self.accepts)
        self.opener: Lexeme | None = None
        self.callee: Lexeme | None = None
        if stuck.openers:
            self.opener, self.callee = stuck.openers[-1]
        self.row = SIGNATURE.get(self.callee.text) if self.callee else None
        self.shown = quoted(self.token.text) if self.token.text else "the end of the clause"
        self.is_word = self.token.text.isidentifier()

    def make(self, code: Code, message: str, repair: Repair, **fields: Any) -> Slip:
        place = fields.pop("place", self.token)
        fields.setdefault("found", quoted(place.text) if place.text else None)
        end = place.end
        if place.type == "$END":  # it reaches up to where the end is noticed, and is shown where the clause ends
            fields["noticed"], end = end, place.start
        return Slip(code=code, place=(place.start, end), message=message, repair=repair, **fields)

    def slip(self) -> Slip:
        token, last = self.token, self.last
        if last.text in ATTRIBUTES and last.type != "NAME" and "IN" in self.accepts and token.type != "LPAR":
            return self.attribute()
        if self.accepts == {"LPAR"} and last.type in ("AND", "OR"):
            message = f"nothing stands before {quoted(last.text)}"
            return self.make(codes.UNEXPECTED_TOKEN, message, "panic", place=last, expected="a predicate")
        if token.type == "$END" and self.opener:
            return self.unclosed(self.opener, "panic")
        if self.accepts == {"COLON"} and self.calls("chain") and token.type in ("COMMA", "RPAR"):
            return self.unexpected(("insert", "COLON STRING"), help='an entry is a provider and a model: `"a": "b"`')
        if token.type in CLOSERS.values():
            return self.closer()
        if token.type == "LPAR" and last.text.isidentifier() and last.type not in ("AND", "OR", "IN"):
            return self.call(last)
        if last.type == "COMMA" and self.accepts == {"RPAR"} and self.row and self.callee:
            return self.arity(self.callee)
        match self.due:
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

    @property
    def noticed(self) -> int:
        """Where it is noticed what is wrong with something that comes before."""
        return self.token.end if self.token.type == "$END" else self.token.start

    def calls(self, *ops: str) -> bool:
        """Whether what is read is an argument of one of these operations."""
        return self.row is not None and self.row.op in ops

    def unexpected(self, repair: Repair, **fields: Any) -> Slip:
        ends = self.token.type == "$END"
        message = f"the clause ends where {self.expected} is due" if ends else f"{self.shown} cannot stand here"
        return self.make(codes.UNEXPECTED_TOKEN, message, repair, expected=self.expected, **fields)

    # --- brackets and calls ---------------------------------------------------------------------------------------

    def unclosed(self, opener: Lexeme, repair: Repair) -> Slip:
        closer = quoted(CLOSING[opener.type])
        message, help_ = f"{quoted(opener.text)} is not closed", f"{closer} is due before {self.shown}"
        fields = {"place": opener, "found": None, "expected": closer, "help": help_}
        return self.make(codes.UNCLOSED, message, repair, noticed=self.noticed, **fields)

    def closer(self) -> Slip:
        """A closing bracket that closes nothing, another bracket, or its own too early."""
        token, last, opener = self.token, self.last, self.opener
        if opener is None:
            return self.make(codes.MISMATCHED_BRACKET, f"{self.shown} closes nothing", "drop")
        wanted = CLOSERS[opener.type]
        if token.type != wanted:
            if any(CLOSERS[outer.type] == token.type for outer, _ in self.stuck.openers):
                return self.unclosed(opener, ("insert", wanted))
            if token.type == "RBRACE" and self.stuck.braced:
                return self.unclosed(opener, ("replace", wanted))
            message = f"{self.shown} does not close {quoted(opener.text)}"
            closing = quoted(CLOSING[opener.type])
            return self.make(codes.MISMATCHED_BRACKET, message, ("replace", wanted), expected=closing)
        if last is opener and opener.type != "LPAR":
            place = Lexeme("", last.text + token.text, last.start, token.end)
            return self.make(codes.EMPTY_LIST, "an empty list", "fill", place=place, expected=self.expected)
        if self.row and self.callee and (last is opener or last.type == "COMMA" or "COMMA" in self.accepts):
            return self.arity(self.callee)
        return self.unexpected("fill" if self.due else "panic")

    def arity(self, word: Lexeme) -> Slip:
        """A call with another number of arguments than its operation takes."""
        row = SIGNATURE[word.text]
        takes = "one or more arguments" if row.variadic else _count(len(row.arguments))
        given = self.stuck.arguments()
        message = f"{quoted(row.op)} takes {takes}, found {given or 'none'}"
        sorts = ", ".join(argument.expected for argument in row.arguments)
        fields = {"place": word, "found": _count(given), "expected": sorts}
        return self.make(codes.WRONG_ARITY, message, "call", noticed=self.noticed, **fields)

    def call(self, word: Lexeme) -> Slip:
        """A word with a parenthesis after it that is no function here."""
        accepted = self.stuck.accepted
        wanted = due(accepted)
        row = SIGNATURE.get(word.text)
        if row is not None and not row.arguments and wanted == row.sort:
            message = f"{quoted(word.text)} takes no arguments"
            return self.make(codes.WRONG_ARITY, message, "panic", place=word, help="write it without parentheses")
        if wanted not in ("Pred", "Scorer"):
            message = f"a function where {expected(accepted)} is due"
            code = codes.UNEXPECTED_TOKEN if "COLON" in self.accepts and self.keyed() else codes.WRONG_PARAMETER
            return self.make(code, message, "panic", place=word, expected=expected(accepted))
        if row is None:
            message = f"the language has no function {quoted(word.text)}"
            help_ = _meant(word.text, [row.op for row in operations_of(wanted) if row.arguments])
            sort = describe_sort(wanted)
            return self.make(codes.UNKNOWN_OPERATION, message, "panic", place=word, expected=sort, help=help_)
        return self.sort(word, row.sort, wanted)

    def sort(self, word: Lexeme, found: str, wanted: str) -> Slip:
        """A term of one sort where another is due."""
        message = f"{describe_sort(found)} where {describe_sort(wanted)} is due"
        if word.text in SIGNATURE and word.type not in ("AND", "OR", "NOT"):
            message = f"{quoted(word.text)} makes {message}"
        return self.make(
            codes.WRONG_SORT,
            message,
            "panic",
            place=word,
            found=describe_sort(found),
            expected=describe_sort(wanted),
            help=_SORT_HELP.get((found, wanted)),
        )

    # --- where a term is due --------------------------------------------------------------------------------------

    def predicate(self) -> Slip:
        following = self.next.type
        match self.token.type:
            case "NUMBER" if following in RELATIONS:
                return self.comparison("write the field first: `price_out <= 25`")
            case "NUMBER" if following in ("STAR", "PLUS"):
                return self.sort(self.token, "Scorer", "Pred")
            case "ZERO":
                return self.sort(self.token, "Scorer", "Pred")
            case "STRING" if following in (*RELATIONS, "IN", "NOT"):
                return self.quoted_name()
            case "TRUE" | "FALSE" as word:
                return self.no_term(f"write `{'top' if word == 'TRUE' else 'bot'}`")
        return self.operand()

    def scorer(self) -> Slip:
        match self.token.type:
            case "STRING":
                return self.quoted_name()
            case "PLUS" if self.next.type == "NUMBER":
                written = quoted(f"+{self.next.text}")
                return self.make(codes.BAD_NUMBER, f"{written} is not a number", "drop", help="leave out the `+`")
            case word if word in _PREDICATES:
                return self.sort(self.token, "Pred", "Scorer")
        return self.operand()

    def other_term(self, sort: str) -> Slip:
        """A selector, a transform, a failure plan or an action is due."""
        word = self.token.text
        if not self.is_word:
            return self.operand()
        row = SIGNATURE.get(word)
        if row is not None and sort != "Verb":
            return self.sort(self.token, row.sort, sort)
        if sort in ("FailPlan", "Verb"):
            return self.verb()
        if word in VERBS:
            return self.sort(self.token, "FailPlan", sort)
        message = f"{self.shown} is not {describe_sort(sort)}"
        help_ = _meant(word, [row.op for row in operations_of(sort)])
        return self.make(codes.UNKNOWN_OPERATION, message, "panic", expected=describe_sort(sort), help=help_)

    def operand(self) -> Slip:
        """Something else stands where a term is due."""
        token = self.token
        if token.type in ("STRING", "NUMBER", "TRUE", "FALSE"):
            return self.no_term(None)
        if token.text in STRUCTURE and self.due in ("Pred", "Scorer"):
            return self.reserved("panic")
        return self.unexpected(self.nothing() if token.type in SEPARATORS else "panic")

    def nothing(self) -> Repair:
        """How reading goes on where something is left out before a separator: in a list the separator is too much."""
        fixed = self.row is not None and not self.row.variadic
        return "drop" if self.token.type == "COMMA" and not fixed else "fill"

    def no_term(self, help_: str | None) -> Slip:
        message = f"{self.shown} where {self.expected} is due"
        return self.make(codes.NOT_A_TERM, message, "here", expected=self.expected, help=help_)

    # --- where a parameter is due ---------------------------------------------------------------------------------

    def parameter(self, kind: str) -> Slip:
        token = self.token
        if token.type in SEPARATORS and not self.is_word:
            return self.unexpected(self.nothing())
        match kind:
            case "Name" if token.type == "STRING":
                return self.quoted_name()
            case "Name" if token.text in RESERVED:
                return self.reserved(("replace", "NAME"))
            case "Num" | "Scalar" | "Setting" if token.text.lower() in ("nan", "inf", "infinity"):
                message = f"{self.shown} is not a number of the language"
                return self.make(codes.NOT_A_NUMBER, message, "here", expected="a finite number")
            case "Text" | "Scalar" if (self.is_word or token.type == "QUOTED") and not self.boolean():
                return self.unquoted()
            case "Num" if self.last.type in RELATIONS:
                return self.compared()
            case "Setting" if self.is_word and self.stuck.lexemes[self.stuck.at - 2].text == "then_action":
                return self.verb()
            case "Rel" if token.type != "NUMBER":
                return self.relation()
            case "Name" if self.keyed():
                return self.unexpected("here")
        message = f"{self.shown} where {self.expected} is due"
        help_ = f"write `{token.text.lower()}`" if kind == "Scalar" and self.is_word else None
        return self.make(codes.WRONG_PARAMETER, message, "here", expected=self.expected, help=help_)

    def keyed(self) -> bool:
        """Whether the key of an entry is due: in a record, or among the settings of an action."""
        braces = self.opener is not None and self.opener.type == "LBRACE"
        return (braces and "STRING" not in self.accepts) or (self.callee is not None and self.callee.text in VERBS)

    def boolean(self) -> bool:
        """Whether the token is a boolean as another language spells it, where one is due."""
        return self.due == "Scalar" and self.token.text.lower() in ("true", "false")

    def compared(self) -> Slip:
        """Something other than a number after a relation."""
        token, last = self.token, self.last
        if token.type in RELATIONS:
            place = Lexeme("", last.text + token.text, last.start, token.end)
            message = f"{quoted(place.text)} is not an operator of the language"
            help_ = f"write `{'!=' if place.text == '<>' else last.text}`"
            return self.make(codes.FOREIGN_OPERATOR, message, "drop", place=place, help=help_)
        if token.type == "STRING":
            if _NUMERIC.fullmatch(token.text):
                return self.comparison("numbers are written without quotes", "here")
            name = self.stuck.lexemes[self.stuck.at - 2].text
            if name.lower() in ATTRIBUTES:
                return self.comparison(f"did you mean `{name.lower()}`?", "here")
            return self.comparison(f"whether a tag is one of several: {quoted(f'in {{{token.text}}}')}", "here")
        if token.text.lower() in ("true", "false"):
            return self.comparison("a boolean field stands alone: `disabled`, `not disabled`")
        return self.comparison("a field is compared with a number, a score by `test(s >= 0.5)`")

    def comparison(self, help_: str, repair: Repair = "panic") -> Slip:
        wanted = "a field, a relation and a number"
        message = f"{self.shown} cannot be compared here"
        return self.make(codes.BAD_COMPARISON, message, repair, expected=wanted, help=help_)

    def relation(self) -> Slip:
        meant = RELATIONS.get(self.token.type) or suggestion(self.token.text, WORDS_OF_RELATIONS)
        help_ = f"write `{meant}`" if meant else None
        message = f"{self.shown} is not a relation in the function form"
        return self.make(codes.UNKNOWN_RELATION, message, "here", expected=self.expected, help=help_)

    def verb(self) -> Slip:
        verbs = ", ".join(f"`{verb}`" for verb in VERBS[:-1]) + f" or `{VERBS[-1]}`"
        help_ = _meant(self.token.text, VERBS)
        return self.make(codes.UNKNOWN_VERB, f"{self.shown} is not an action", "panic", expected=verbs, help=help_)

    def quoted_name(self) -> Slip:
        name = self.token.text[1:-1]
        bare = name.isascii() and name.isidentifier() and name not in RESERVED
        message, help_ = f"the name {self.shown} in double quotes", f"write {quoted(name)}" if bare else "use backticks"
        return self.make(codes.QUOTED_NAME, message, ("replace", "NAME"), expected="a name", help=help_)

    def unquoted(self) -> Slip:
        help_ = "write " + quoted('"' + self.token.text.strip("`") + '"')
        message = f"the value {self.shown} without double quotes"
        return self.make(codes.UNQUOTED_VALUE, message, "here", expected=self.expected, help=help_)

    def reserved(self, repair: Repair) -> Slip:
        message, help_ = f"{self.shown} is a reserved word", "as a name it is written in backticks"
        return self.make(codes.RESERVED_WORD, message, repair, expected=self.expected, help=help_)

    # --- where a mark is due --------------------------------------------------------------------------------------

    def after(self) -> Slip:
        """After a term or parameter, or inside a condition, where an operator, separator or bracket is due."""
        token, last = self.token, self.last
        predicates, scorers = "AND" in self.accepts, "PLUS" in self.accepts
        if last.type == "SEMICOLON" and not self.opener:
            return self.after_semicolon()
        if token.type in ("COMMA", "SEMICOLON"):
            return self.separator()
        if scorers and token.type in (*RELATIONS, "AND", "OR", "NOT", "IN"):
            return self.sort(token, "Pred", "Scorer")
        if predicates and token.type in ("PLUS", "STAR"):
            return self.sort(token, "Scorer", "Pred")
        if predicates and token.type in RELATIONS:
            return self.comparison("join two comparisons with `and`" if last.type == "NUMBER" else _TEST)
        if token.type == "EQUAL" and "COLON" in self.accepts:
            return self.unexpected(("replace", "COLON"))
        if token.type == "STAR":
            message, help_ = "only a number multiplies a scorer", "the number comes first: `0.5 * s`"
            return self.make(codes.FOREIGN_ARITHMETIC, message, "panic", help=help_)
        if last.type == "NOT" and self.accepts == {"IN"}:
            message = "`and` is missing before `not`"
            return self.make(codes.MISSING_OPERATOR, message, ("before", "AND"), place=last, expected="`and`")
        if last.type == "IN":
            return self.unexpected("panic", help='values stand in braces: `in {"a", "b"}`')
        return self.missing()

    def attribute(self) -> Slip:
        """A reserved attribute, and after it neither `==`, `!=` nor `in`."""
        last = self.last
        if self.token.type in RELATIONS:
            help_ = "`tier >= x`, `not tier >= x`, `tier == x` or `tier in {x, y}`" if last.type == "TIER" else None
            message = f"{quoted(last.text)} has no {self.shown}"
            repair: Repair = ("replace", "EQUAL")
            return self.make(codes.ATTRIBUTE_RELATION, message, repair, expected=self.expected, help=help_)
        wanted = f"{self.expected} after {quoted(last.text)}"
        message, help_ = f"{quoted(last.text)} alone is no predicate", "a field of this name is written in backticks"
        repair = ("insert", "EQUAL") if self.stuck.accepts_after("EQUAL") else ("last", "NAME")
        return self.make(codes.RESERVED_WORD, message, repair, place=last, expected=wanted, help=help_)

    def after_semicolon(self) -> Slip:
        """More of a clause after a semicolon that ended it."""
        accepted = self.stuck.accepted
        for mark in ("AND", "PLUS"):
            if mark in accepted:
                message, help_ = f"`;` where `{_TEXT[mark]}` is due", "`;` separates transforms"
                return self.make(codes.WRONG_SEPARATOR, message, ("last", mark), place=self.last, help=help_)
        if self.token.type == "ON" and "ON" in accepted:
            message, help_ = "`;` before `on`", "leave it out"
            return self.make(codes.WRONG_SEPARATOR, message, ("last", ""), place=self.last, help=help_)
        return self.unexpected("drop" if self.token.type == "SEMICOLON" else "panic")

    def separator(self) -> Slip:
        """A comma or semicolon where another separator is due."""
        written = self.token.text
        if written == ";" and self.calls("when", "seq"):
            help_ = "put a sequence in parentheses: `when(p, (a; b))`"
            return self.make(codes.WRONG_SEPARATOR, "`;` between arguments", "call", help=help_)
        for mark in ("COMMA", "AND", "PLUS", "SEMICOLON"):
            if mark in self.accepts and mark != self.token.type and (mark != "SEMICOLON" or self.in_sequence()):
                message = f"`{written}` where `{_TEXT[mark]}` is due"
                return self.make(codes.WRONG_SEPARATOR, message, ("replace", mark), expected=f"`{_TEXT[mark]}`")
        return self.unexpected("drop")

    def in_sequence(self) -> bool:
        """Whether what is read is a sequence of transforms."""
        return self.stuck.lexemes[0].type == "MUTATE"

    def missing(self) -> Slip:
        """Nothing between two things that something must stand between."""
        if self.token.type == "NAME" and (word := self.token.text.upper()) in _WORDS and word in self.accepts:
            return self.capitals(self.token, ("replace", word))
        if self.last.type == "NAME" and self.last.text in ("NOT", "Not") and "AND" in self.accepts:
            return self.capitals(self.last, ("last", "NOT"))
        complete = self.row is not None and not self.row.variadic and self.stuck.arguments() >= len(self.row.arguments)
        marks = ["COLON", "AND", "PLUS", "COMMA"] if complete else ["COLON", "COMMA", "AND", "PLUS"]
        marks += ["SEMICOLON"] if self.in_sequence() else []
        mark = next((mark for mark in marks if mark in self.accepts and self.stuck.accepts_after(mark)), None)
        if mark is None:
            return self.unexpected("panic")
        text = f"`{_TEXT[mark]}`"
        if mark == "PLUS" and self.token.text.startswith("-"):
            message = "scorers are not subtracted"
            return self.make(codes.FOREIGN_ARITHMETIC, message, ("insert", mark), help=_NO_SUBTRACTION)
        code = codes.MISSING_OPERATOR if mark in ("AND", "PLUS") else codes.MISSING_COMMA
        return self.make(code, f"{text} is missing before {self.shown}", ("insert", mark), expected=text)

    def capitals(self, word: Lexeme, repair: Repair) -> Slip:
        """An operator's word in capitals, as other languages have it."""
        message, help_ = f"{quoted(word.text)} is not an operator of the language", f"write `{word.text.lower()}`"
        return self.make(codes.FOREIGN_OPERATOR, message, repair, place=word, help=help_)


def _meant(name: str, known: Any) -> str | None:
    near = suggestion(name, known)
    return f"did you mean `{near}`?" if near else None


def _count(number: int) -> str:
    return "1 argument" if number == 1 else f"{number} arguments"
