"""Reading the TOML of vocabularies and catalogues. Specification: chapter "Vocabulary", section "Files"."""

from __future__ import annotations

from policy_ir.diagnostics import Code, Refused, codes


def read_toml(text: str, name: str, malformed: Code) -> object:
    """The value of a TOML text. Raises `Refused`: `malformed` for what is no TOML, `PIR0310` for too many brackets."""
    import tomllib

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
