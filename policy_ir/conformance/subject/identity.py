"""Normal forms, bytes and fingerprints: the kinds `normal-form`, `encoding`, `decoding` and `identity`."""

from __future__ import annotations

from typing import Any

from policy_ir.conformance.subject.parts import (
    Input,
    NotARequest,
    admitted,
    data_of,
    given,
    member,
    one_of,
    spelled,
    vocabulary_of,
    wire,
)


def normal_form(input: Input) -> dict[str, Any]:
    """The normal form of an admitted term."""
    return {"term": wire(admitted(input, vocabulary_of(input)).normal)}


def encoding(input: Input) -> dict[str, Any]:
    """The bytes and the fingerprint of an admitted term, or of a record of another kind."""
    from policy_ir.canonical import canonical_bytes, fingerprint

    if "value" not in input:
        made = admitted(input, vocabulary_of(input))
        return {"bytes": made.canonical_bytes.hex(), "fingerprint": made.fingerprint}
    tag, written = member(input, "tag", str), given(input, "value")
    try:
        value = _numbers(written)
        return {"bytes": canonical_bytes(tag, value).hex(), "fingerprint": fingerprint(tag, value)}
    except (TypeError, ValueError, OverflowError) as wrong:
        raise NotARequest(f"the member 'value' is no value of the language: {wrong}") from None


def _numbers(value: Any) -> Any:
    """Decoded JSON with every number as the binary64 that it stands for."""
    match value:
        case bool():
            return value
        case int():
            return float(value)
        case list():
            return [_numbers(entry) for entry in value]
        case dict():
            return {key: _numbers(entry) for key, entry in value.items()}
        case _:
            return value


def decoding(input: Input) -> dict[str, Any]:
    """The term of canonical bytes, or the value of a record."""
    from policy_ir.canonical import decode, read_term

    what = one_of(input, "as", ("term", "effective", "record"))
    data = data_of(input, "bytes")
    if what == "record":
        return {"value": spelled(decode(data, scores=True))}
    return {"term": wire(read_term(data, effective=what == "effective"))}


def peer(input: Input) -> dict[str, Any]:
    """The identities of an admitted term in the other language, from its source tree."""
    from policy_ir.interop.sigma_pol import sigma_sha256, sigma_short, sigma_string

    term = admitted(input, vocabulary_of(input)).term
    return {"string": sigma_string(term), "sha256": sigma_sha256(term), "short": sigma_short(term)}
