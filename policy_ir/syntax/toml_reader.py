"""Reading the TOML of vocabularies and catalogues. Specification: chapter "Vocabulary", section "Files"."""

from __future__ import annotations

import re

from policy_ir.diagnostics import Code, Refused, codes

KEY_PARTS = 64
"""Most parts of a dotted key: what tomllib takes for one grows by the square of them, in time and in memory."""
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_TOKEN = re.compile(
    rf"""
    \#[^\n]*+
    | \"{{3}} (?: [^"\\] | \\. | "(?!"") )*+ (?:"{{3}})?
    | '{{3}} (?: [^'] | '(?!'') )*+ (?:'{{3}})?
    | (?P<long> (?: {_PART} [ \t]*+ \. [ \t]*+ ){{{KEY_PARTS}}} )
    | "(?:[^"\\\n]|\\.)*+"? | '[^'\n]*+'? | [A-Za-z0-9_-]++
    """,
    re.VERBOSE | re.DOTALL,
)
"""Each match takes all that was looked at for it, or a part of a key, so that no text is looked at often."""


def read_toml(text: str, name: str, malformed: Code) -> object:
    """The value of a TOML text. Raises `Refused`: `malformed` for what is no TOML, `PIR0310` for too many brackets, or
    parts of a key."""
    import tomllib

    if any(token.lastgroup == "long" for token in _TOKEN.finditer(text)):
        raise Refused.because(codes.NESTED_TOO_DEEP, f"a key of more than {KEY_PARTS} parts", source=name)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = " ".join(str(error).split())
        reason = said[:1].lower() + said[1:]
    except ValueError:
        reason = "a number has too many digits"
    except RecursionError:
        raise Refused.because(codes.NESTED_TOO_DEEP, "brackets nested too deep", source=name) from None
    raise Refused.because(malformed, f"the file is not TOML: {reason}", source=name, expected="TOML 1.0")
