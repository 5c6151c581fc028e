"""What is decided over and under: the kinds `vocabulary`, `floor`, `snapshot` and `facts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from policy_ir.conformance.subject.parts import (
    Input,
    NotARequest,
    admitted_policy,
    facts_of,
    given,
    member,
    optional,
    snapshot_of,
    spelled,
    vocabulary_of,
    wire,
)

if TYPE_CHECKING:
    from policy_ir.snapshot import Snapshot


def vocabulary(input: Input) -> dict[str, Any]:
    """The fingerprint of a vocabulary, or of the one in the text of a file."""
    from policy_ir.vocabulary import read_vocabulary

    declared = read_vocabulary(member(input, "text", str), "text") if "text" in input else vocabulary_of(input)
    return {"fingerprint": declared.fingerprint}


def floor(input: Input) -> dict[str, Any]:
    """The policy under a floor: both fingerprints, and what runs."""
    from policy_ir.floor import effective, floor_of_value

    declared = vocabulary_of(input)
    held_to = floor_of_value(given(input, "floor"), declared)
    made = effective(admitted_policy(input, declared, name="policy"), held_to)
    return {"policy": made.policy_fingerprint, "effective": made.fingerprint, "term": wire(made.normal)}


def snapshot(input: Input) -> dict[str, Any]:
    """The fingerprints of a snapshot, after an update of its state where there is one."""
    taken = _snapshot(input)
    state = optional(input, "state", dict)
    if state is not None:
        if not all(isinstance(fields, Mapping) for fields in state.values()):
            raise NotARequest("the member 'state' is no object of objects")
        taken = taken.with_state(state)
    return {
        "fingerprint": taken.fingerprint,
        "catalogue": taken.catalogue_fingerprint,
        "state": taken.state_fingerprint,
    }


def _snapshot(input: Input) -> Snapshot:
    if "text" not in input:
        return snapshot_of(input, vocabulary_of(input))
    from policy_ir.catalogs import read_catalog
    from policy_ir.snapshot import Snapshot

    beside = vocabulary_of(input) if "vocabulary" in input else None
    file = read_catalog(member(input, "text", str), "text", beside)
    return Snapshot.take(file, vocabulary_of(input, default=file.vocabulary_name))


def facts(input: Input) -> dict[str, Any]:
    """The record of the facts that are stated, with those of a chat body, and its fingerprint."""
    known = facts_of(input, vocabulary_of(input))
    return {"facts": spelled(known.record()), "fingerprint": known.fingerprint}
