"""The findings of one reading of a configuration, and the reading of its tables by the keys that they may have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import attrs

from policy_ir.diagnostics import Code, Diagnostic, Refused, Severity, codes, did_you_mean, one_of, quoted
from policy_ir.router.config_keys import TOP, Option, Unfit
from policy_ir.router.config_text import ConfigText, is_secret_name, veiled
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.places import step

__all__ = ["NAME", "NAME_IN_WORDS", "Findings"]

_MOVE_UP: Final = "it is a key of the whole file: move it up, before the first line in brackets"

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
NAME_IN_WORDS: Final = "1 to 64 letters, digits and `_`, `-`, `.`, a letter or digit first"
"""What a provider, a policy or a key can be called."""


@attrs.define
class Findings:
    """What is wrong with a configuration, as far as it has been read.

    `elsewhere` are the refusals of the files that it names, each with its own text.
    """

    file: ConfigText
    found: list[Diagnostic] = attrs.field(factory=list)
    elsewhere: list[Refused] = attrs.field(factory=list)

    @property
    def refusing(self) -> bool:
        """Whether anything has been found that keeps the router from running."""
        return bool(self.elsewhere) or any(one.severity is Severity.ERROR for one in self.found)

    def refuse(self, code: Code, message: str, at: str, **fields: Any) -> None:
        """Note a finding about the value at a pointer. What looks like a secret in it is not said."""
        if len(self.found) < DIAGNOSTICS:
            said: dict[str, Any] = {
                name: veiled(text) if isinstance(text, str) else text for name, text in fields.items()
            }
            self.found.append(Diagnostic(code=code, message=veiled(message), pointer=at, source=self.file.name, **said))

    def hidden(self, code: Code, message: str, at: str, **fields: Any) -> None:
        """Note a finding about a value that must not be shown."""
        self.file.hide(at)
        self.refuse(code, message, at, **fields)

    def refused_by(self, refused: Refused) -> None:
        """Note what another file is refused for; once, however often it is named."""
        if all(refused.diagnostics != known.diagnostics for known in self.elsewhere):
            self.elsewhere.append(refused)

    def refusal(self) -> Refused:
        """Everything that was found: first in the file itself, then in those that it names."""
        return Refused.joined([Refused(self.found, self.file.document()), *self.elsewhere])

    # --- tables -----------------------------------------------------------------------------------------------

    def table(self, value: Mapping[str, object], at: str, options: Mapping[str, Option]) -> dict[str, Any]:
        """The values of a table by key, those that can be used; findings for all others."""
        made: dict[str, Any] = {}
        for key, entry in value.items():
            option = options.get(key)
            if option is None:
                self.unknown(key, at, options)
                continue
            try:
                made[key] = option.type.check(entry)
            except Unfit as unfit:
                self.unfit(unfit.code, entry, step(at, key), option.type.words, option.type.names)
        for key, option in options.items():
            if option.required and key not in value:
                self.missing(key, at, option.about)
        return made

    def named(self, value: Mapping[str, object], at: str) -> Iterator[tuple[str, str, Mapping[str, object]]]:
        """The tables in a table of named ones: name, pointer and content."""
        for name, entry in value.items():
            here = step(at, name)
            if not NAME.fullmatch(name):
                self.refuse(
                    codes.CONFIG_RANGE,
                    f"{quoted(name)} cannot be a name",
                    here,
                    span=self.file.key_span(here),
                    found=quoted(name),
                    expected=NAME_IN_WORDS,
                )
            elif not isinstance(entry, dict):
                # What stands there may be a key of somebody who has not seen that its digest belongs in a table.
                self.hidden(codes.CONFIG_TYPE, f"{quoted(name)} is no table", here, expected="a table")
            else:
                yield name, here, entry

    def unknown(self, key: str, at: str, options: Collection[str]) -> None:
        """A key that a table does not have; what looks like a secret is that first of all."""
        here = step(at, key)
        if is_secret_name(key):
            self.literal(here, options)
            return
        self.refuse(
            codes.CONFIG_KEY,
            f"unknown key {quoted(key)}",
            here,
            span=self.file.key_span(here),
            found=quoted(key),
            expected=one_of(options),
            help=_MOVE_UP if at and key in TOP else did_you_mean(key, options),
        )

    def literal(self, at: str, options: Collection[str] = ()) -> None:
        """A secret that stands in the file."""
        if "key_env" in options:
            advice = 'set it in the environment, and name the variable: `key_env = "VARIABLE"`'
        elif "digest" in options:
            advice = "a bearer key is stored as its `digest` only: `policy-ir key new NAME` makes one"
        elif at.rpartition("/")[0].endswith("/headers"):
            advice = 'set it in the environment, and name the variable: `{ env = "VARIABLE" }`'
        elif at.startswith("/traces"):
            advice = 'set the whole URL in the environment, and name the variable: `url_env = "VARIABLE"`'
        else:
            advice = "set it in the environment, and name the variable"
        key = at.rpartition("/")[2]
        self.hidden(
            codes.LITERAL_SECRET,
            f"a secret stands in the file, under {quoted(key)}",
            at,
            span=self.file.key_span(at),
            help=f"{advice}; take this one for known to others, and replace it",
        )

    def missing(self, key: str, at: str, expected: str, help: str | None = None) -> None:
        """A key that has to be there."""
        self.refuse(codes.CONFIG_MISSING, f"the key {quoted(key)} is missing", at, expected=expected, help=help)

    def unfit(self, code: Code, value: object, at: str, expected: str, names: Collection[str] = ()) -> None:
        """A value that its key cannot hold; `names` are those that it can, where they are so few."""
        message = f"{quoted(value)} where {expected} is due"
        near = did_you_mean(value, names)
        self.refuse(code, message, at, found=quoted(value), expected=expected, help=near)

    def unknown_name(self, name: str, at: str, known: Collection[str], said: str, otherwise: str | None = None) -> None:
        """A name that nothing has, which `said` says of it."""
        self.refuse(
            codes.CONFIG_NAME,
            f"{said} {quoted(name)}",
            at,
            found=quoted(name),
            help=did_you_mean(name, known, otherwise),
        )

    def one_way(
        self, keys: Collection[str], given: Collection[str], at: str, *, needed: str | None = None
    ) -> str | None:
        """Which of several keys that exclude each other is given; `needed` is what one is due for."""
        ways = [key for key in given if key in keys]
        if len(ways) > 1:
            self.refuse(
                codes.CONFIG_TWO_WAYS,
                f"{quoted(ways[1])} beside {quoted(ways[0])}",
                step(at, ways[1]),
                span=self.file.key_span(step(at, ways[1])),
                expected=f"only one of {', '.join(map(quoted, keys))}",
            )
            return None
        if not ways and needed is not None:
            self.refuse(codes.CONFIG_MISSING, f"{needed} is missing", at, expected=one_of(keys))
        return ways[0] if ways else None
