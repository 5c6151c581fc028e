"""Reading a JSON text (RFC 8259): its value, the place of every value in it, and everything that is wrong with it.

An explicit stack instead of recursion, numbers as binary64 only, every key once, no null unless it is asked for.
Errors are repaired in the way that the author most likely meant, so that one reading finds several and none is the
consequence of another. Specification: chapter "Syntax", section "JSON".
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, NoReturn

import attrs

from policy_ir.diagnostics import Diagnostic, Refused, codes, quoted
from policy_ir.diagnostics.codes import Code
from policy_ir.syntax.bounds import DIAGNOSTICS, NESTING, SOURCE_BYTES
from policy_ir.syntax.document import Document, Span
from policy_ir.syntax.places import Elements, Members, Place, Places, step
from policy_ir.syntax.scanner import Token, Unreadable, scan
from policy_ir.syntax.source import check_text


@attrs.frozen(slots=True, eq=False, kw_only=True)
class JsonDocument:
    """A JSON text as read: `value` of lists, dicts, str, bool and float (and None where null was allowed).

    `spans` has the place of every value by JSON Pointer.
    """

    name: str
    text: str = attrs.field(repr=False)
    value: Any
    spans: Places = attrs.field(repr=False)

    def key_span(self, pointer: str) -> Span | None:
        """The place of the key of a member of a record, None where the pointer leads to no such member."""
        return self.spans.of_key(pointer)

    @property
    def document(self) -> Document:
        """The text and its places as a document without a term, for diagnostics to be located in."""
        return Document(name=self.name, text=self.text, spans=self.spans)


def read_json(
    text: str, name: str = "policy", *, limit: int = SOURCE_BYTES, nesting: int = NESTING, null: bool = False
) -> JsonDocument:
    """Read a text of at most `limit` bytes with at most `nesting` open brackets; `null` says whether null may stand.

    Takes time and memory linear in the text. Raises Refused with every lexical and structural error (PIR0003 to
    PIR0005, PIR0101 to PIR0117, PIR0310), at most 100 of them.
    """
    check_text(text, name, limit=limit)
    reader = _Reader(text, name, nesting, null)
    with suppress(Unreadable):
        reader.read()
    if reader.found:
        raise Refused(reader.found, Document(name=name, text=text))
    return JsonDocument(name=name, text=text, value=reader.value, spans=Places(reader.place))


# What is due next, as messages name it.
_ELEMENT = "a value"
_FIRST_ELEMENT = "a value or `]`"
_KEY = "a key in double quotes"
_FIRST_KEY = "a key in double quotes or `}`"
_COLON = "`:`"
_MORE = "`,` or a closing bracket"
_END = "the end of the text"

_BETWEEN = re.compile(r"(?:[ \t\n\r]++|//[^\n\r]*+|#[^\n\r]*+|/\*(?s:.*?)\*/)*+")
_LITERALS = {"true": True, "false": False, "null": None, "broken": None}
_CLOSER: dict[type, str] = {list: "]", dict: "}", type(None): ""}


class _Reader:
    """One reading of one text.

    `container`, `parts`, `start` and `key` describe the innermost open container: its value, the places in it, where
    it starts, and the key that waits for a value. `stack` holds the same of the enclosing ones.
    """

    def __init__(self, text: str, name: str, nesting: int, null: bool) -> None:
        self.text, self.name, self.nesting, self.null = text, name, nesting, null
        self.value: Any = None
        self.place: Place = (0, 0, None)
        self.found: list[Diagnostic] = []
        self.stack: list[tuple[Any, Any, int, tuple[str, int, int]]] = []
        self.container: Any = None
        self.parts: Any = None
        self.start = 0
        self.key = ("", 0, 0)
        self.due = _ELEMENT
        self.comma = (0, 0)
        self.last = 0  # where the last token ends
        self.excuse = -1  # where a reported thing ends that may have been meant as a comma or colon
        self.stray_closer = False

    def read(self) -> None:
        for token in scan(self.text, self.lexical):
            self.last = token[2]
            if token[0] == "junk":
                if not self.text[token[1] : token[2]].isspace():
                    self.excuse = token[2]
            else:
                while not self.take(token):
                    pass

    def lexical(self, code: Code, start: int, end: int, message: str, **fields: Any) -> None:
        """Report what is wrong with a token by itself; of one after the value, but for comments, that it is there."""
        if self.due is _END and code is not codes.COMMENT_IN_JSON:
            self.trailing(_BETWEEN.match(self.text, self.last).end(), end)  # type: ignore[union-attr]
        self.report(code, start, end, message, **fields)

    def report(self, code: Code, start: int, end: int, message: str, **fields: Any) -> None:
        span = Span(start, end)
        self.found.append(
            Diagnostic(code=code, message=message, span=span, pointer=self.pointer(), source=self.name, **fields)
        )
        if len(self.found) == DIAGNOSTICS:
            raise Unreadable

    def pointer(self) -> str:
        """The pointer of the value that is read now; between values, of the container around it."""
        pointer = ""
        for container, _, _, key in self.stack[1:]:
            pointer = step(pointer, len(container) if isinstance(container, list) else key[0])
        if self.due in (_ELEMENT, _FIRST_ELEMENT, _COLON) and self.container is not None:
            pointer = step(pointer, len(self.container) if isinstance(self.container, list) else self.key[0])
        return pointer

    # --- well-formed text ---

    def take(self, token: Token) -> bool:
        """Take a token; False if something was repaired before it, and it is to be taken again."""
        kind, start, end, value = token
        due = self.due
        if due is _ELEMENT or due is _FIRST_ELEMENT:
            if kind == "string" or kind == "number":
                self.put(value, (start, end, None))
                return True
            if kind == "[":
                return self.open([], [], start, _FIRST_ELEMENT)
            if kind == "{":
                return self.open({}, {}, start, _FIRST_KEY)
            if kind in _LITERALS:
                if kind == "null" and not self.null:
                    self.report(
                        codes.NULL, start, end, "`null` is not a value of the language", help="leave the entry out"
                    )
                self.put(_LITERALS[kind], (start, end, None))
                return True
            if kind == "]" and due is _FIRST_ELEMENT:
                return self.close(end)
        elif due is _MORE:
            if kind == ",":
                self.comma = start, end
                self.due = _ELEMENT if type(self.container) is list else _KEY
                return True
            if kind == _CLOSER[type(self.container)]:
                return self.close(end)
        elif due is _COLON:
            if kind == ":":
                self.due = _ELEMENT
                return True
        elif due is _END:
            if kind == "end":
                return True
        else:
            if kind == "string":
                self.key, self.due = (value, start, end), _COLON
                if value in self.container:
                    self.report(
                        codes.DUPLICATE_KEY, start, end, f"the key {quoted(value)} occurs twice", found=quoted(value)
                    )
                return True
            if kind == "}" and due is _FIRST_KEY:
                return self.close(end)
        return self.repair(token)

    def put(self, value: Any, place: Place) -> None:
        container = self.container
        if type(container) is list:
            container.append(value)
            self.parts.append(place)
            self.due = _MORE
        elif container is None:
            self.value, self.place = value, place
            self.due = _END
        else:
            key, start, end = self.key
            container[key] = value
            self.parts[key] = (start, end, place)
            self.due = _MORE

    def open(self, container: Any, parts: Elements | Members, start: int, due: str) -> bool:
        self.stack.append((self.container, self.parts, self.start, self.key))
        if len(self.stack) > self.nesting:
            self.stack.pop()
            self.report(
                codes.NESTED_TOO_DEEP,
                start,
                start + 1,
                f"more than {self.nesting} brackets are open",
                expected=f"at most {self.nesting} open brackets",
            )
            raise Unreadable
        self.container, self.parts, self.start, self.due = container, parts, start, due
        return True

    def close(self, end: int) -> bool:
        value, place = self.container, (self.start, end, self.parts)
        self.container, self.parts, self.start, self.key = self.stack.pop()
        self.put(value, place)
        return True

    # --- repairs ---

    def repair(self, token: Token) -> bool:
        """Report a token that is not due and mend the state; True if the token is used up or skipped."""
        kind, start, end, _ = token
        due = self.due
        if kind == "end":
            self.unclosed_at_end()
            return True
        if kind in ("]", "}"):
            return self.misplaced_closer(token)
        if due is _END:
            self.trailing(start, end)
        if due is _MORE and kind != ":":
            self.missing(token, "`,`")
            self.due = _ELEMENT if type(self.container) is list else _KEY
            return False
        if due is _COLON and kind != ",":
            self.missing(token, "`:`")
            self.due = _ELEMENT
            return False
        if due not in (_KEY, _FIRST_KEY):
            self.unexpected(token)
            if due is _COLON:
                self.put(None, (start, start, None))
                return False
            if kind == ",":
                self.comma = start, end
            else:
                self.due = _ELEMENT
            return True
        if kind != "broken":
            self.unexpected(token)
        if kind == ",":
            self.comma = start, end
            return True
        self.key = ("", start, end)
        self.due = _ELEMENT if kind in ("[", "{") else _COLON
        return self.due is _COLON and kind != ":"

    def trailing(self, start: int, end: int) -> NoReturn:
        """Report what stands after the value, whatever it is, from its first token on."""
        self.report(
            codes.TRAILING_TEXT,
            start,
            len(self.text.rstrip(" \t\n\r")),
            "text after the term",
            found=quoted(self.text[start:end]),
            expected=_END,
        )
        raise Unreadable

    def misplaced_closer(self, token: Token) -> bool:
        kind, start, end, _ = token
        due = self.due
        if kind == _CLOSER[type(self.container)]:
            if due is _KEY or (due is _ELEMENT and kind == "]"):
                if _BETWEEN.fullmatch(self.text, self.comma[1], start):  # else what is between is reported already
                    self.report(codes.TRAILING_COMMA, *self.comma, f"a comma before `{kind}`", help="leave it out")
            else:
                self.unexpected(token)
            return self.close(end)
        if any(kind == _CLOSER[type(container)] for container, _, _, _ in self.stack):
            self.report(
                codes.UNCLOSED,
                start,
                end,
                f"{self.opener()} is not closed before `{kind}`",
                expected=f"`{_CLOSER[type(self.container)]}`",
            )
            self.close(start)
            return False
        self.stray_closer = True
        self.report(codes.MISMATCHED_BRACKET, start, end, f"`{kind}` closes nothing", expected=due)
        return True

    def unclosed_at_end(self) -> None:
        """One finding for all the brackets that are open at the end; after a stray closer, its consequence."""
        if self.container is None or self.stray_closer:
            return
        containers = [self.container, *(container for container, _, _, _ in reversed(self.stack[1:]))]
        closers = "".join(_CLOSER[type(container)] for container in containers)
        end = len(self.text.rstrip(" \t\n\r"))
        self.report(
            codes.UNCLOSED,
            end,
            end,
            f"{self.opener()} is not closed",
            expected=self.due,
            help=f"the text ends where `{closers}` is due",
        )

    def opener(self) -> str:
        line, column = Document(name=self.name, text=self.text).position(self.start)
        return f"`{self.text[self.start]}` of line {line}, column {column}"

    def missing(self, token: Token, mark: str) -> None:
        kind, start, end, _ = token
        if kind == "broken" and (self.text[start] == '"' or self.text[start - 1].isalnum()):
            return  # what is wrong in the string comes first; a word with an odd character in it lacks no comma
        if self.excuse < 0 or self.text[self.excuse : start].strip(" \t\n\r"):
            self.report(codes.MISSING_COMMA, start, end, f"{mark} is missing before {self.shown(token)}", expected=mark)

    def unexpected(self, token: Token) -> None:
        _, start, end, _ = token
        self.report(
            codes.UNEXPECTED_TOKEN,
            start,
            end,
            f"{self.shown(token)} cannot stand here",
            found=self.shown(token),
            expected=self.due,
        )

    def shown(self, token: Token) -> str:
        return quoted(self.text[token[1] : token[2]])
