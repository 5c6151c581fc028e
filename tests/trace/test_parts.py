"""The parts of a decision: stored, read back, and checked."""

from __future__ import annotations

import json
import zlib
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from some_traces import decided, ordinary

from policy_ir.admission import admit_policy
from policy_ir.catalogs import shipped_snapshot
from policy_ir.decision import Decision, decide
from policy_ir.diagnostics import Refused, codes
from policy_ir.evaluator import Overlay
from policy_ir.facts import read_facts
from policy_ir.floor import effective, floor_of, read_floor
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.syntax import parse
from policy_ir.testing.strategies import catalogues, facts_values, policies, seeds, terms
from policy_ir.trace import parts as parts_module
from policy_ir.trace.parts import (
    Part,
    Rebuilder,
    catalogue_part,
    names_of_parts,
    rebuild,
    state_part,
    text_of,
    vocabulary_part,
)
from policy_ir.trace.record import Trace
from policy_ir.vocabulary import read_vocabulary, vocabulary

STANDARD = vocabulary("standard")


class Kept(dict[tuple[str, str], bytes]):
    """Parts in memory."""

    def __init__(self, parts: tuple[Part, ...]) -> None:
        super().__init__({(part.kind, part.digest): part.content for part in parts})

    def part(self, kind: str, digest: str) -> bytes | None:
        return self.get((kind, digest))


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    """Decisions of random policies, with a floor or without, over random worlds."""
    floor = None
    if draw(st.booleans()):
        filter_: Any = draw(terms("Pred"))
        mutate: Any = draw(st.none() | terms("Xform"))
        floor = floor_of((filter_, mutate), STANDARD)
    program = effective(admit_policy(draw(policies()), STANDARD), floor)
    snapshot = Snapshot.take(CandidateList(draw(catalogues())), STANDARD)
    return decide(program, snapshot, read_facts(draw(facts_values()), STANDARD), draw(seeds()))


def again(parts: Kept, trace: Trace) -> Decision:
    rebuilt = rebuild(parts.part, trace)
    return decide(rebuilt.policy, rebuilt.snapshot, rebuilt.facts, rebuilt.seed)


def one_decision(policy: str = "policy { filter price_in <= 5  rank neg(price_in)  select argmax }") -> Decision:
    listed = [
        Candidate(id="a/plum", provider="a", family="plum", fields={"price_in": 1, "latency_ms": 120.5}),
        Candidate(id="b/fig", provider="b", family="fig", tier="partner", capabilities=["supports_tools"],
                  fields={"price_in": 2, "disabled": False}),
    ]  # fmt: skip
    document = parse(policy)
    assert document.term is not None
    admitted = admit_policy(document.term, STANDARD, document=document)
    floor = read_floor(
        {"filter": ["not", ["is", "disabled"]], "mutate": ["clamp_param", "temperature", 0, 1]}, STANDARD
    )
    snapshot = Snapshot.take(CandidateList(listed), STANDARD)
    return decide(effective(admitted, floor), snapshot, read_facts({"needs": ["tools"]}, STANDARD), 7)


# --- exactness ------------------------------------------------------------------------------------------------


@given(decisions())
def test_a_decision_made_again_from_its_parts_is_the_same_to_the_last_bit(decision: Decision) -> None:
    trace, parts = decided(decision)
    made = again(Kept(parts), trace)
    assert made.record() == decision.record() or str(made.record()) == str(decision.record())  # NaN is not itself
    assert made.fingerprint == decision.fingerprint
    assert made.program.policy.term == decision.program.policy.term


@given(catalogues(), st.data())
def test_a_snapshot_that_followed_the_state_is_rebuilt_from_catalogue_and_state(
    listed: tuple[Candidate, ...], data: st.DataObject
) -> None:
    before = Snapshot.take(CandidateList(listed), STANDARD)
    shown = {"latency_ms": st.none() | st.floats(0, 1e4), "disabled": st.none() | st.booleans()}
    updates = {name: data.draw(st.fixed_dictionaries({}, optional=shown)) for name in before.ids}
    after = before.with_state(updates)
    assert catalogue_part(after) == catalogue_part(before)
    decision = decide(one_decision().program, after, None, 1)
    trace, parts = decided(decision)
    assert again(Kept(parts), trace).fingerprint == decision.fingerprint


def test_the_state_of_an_overlay_is_kept_like_that_of_a_snapshot() -> None:
    snapshot = one_decision().snapshot
    overlay = Overlay.take(snapshot, {"breaker_open": bytes([1, 255])})
    same = snapshot.with_state({"a/plum": {"breaker_open": True}, "b/fig": {"breaker_open": None}})
    assert state_part(overlay.snapshot) == state_part(same)


def test_a_state_takes_the_room_of_what_is_observed() -> None:
    snapshot = shipped_snapshot()
    assert text_of(state_part(snapshot.with_state({})).content) == b"{}"
    one = snapshot.with_state({snapshot.ids[3]: {"latency_ms": 120}})
    assert json.loads(text_of(state_part(one).content)) == {"latency_ms": [[3], [120]]}


def test_the_shipped_vocabulary_and_catalogue_are_rebuilt() -> None:
    decision = decide(one_decision().program, shipped_snapshot(), None, 3)
    trace, parts = decided(decision)
    assert again(Kept(parts), trace).fingerprint == decision.fingerprint


HOUSE: dict[str, Any] = {
    "vocabulary": 1,
    "name": "house",
    "extends": "standard",
    "fields": {
        "zones": {"sort": "tags", "source": "catalogue", "about": "where it runs"},
        "load": {"sort": "num", "source": "state", "default": "-inf", "minimum": 0, "unit": "ratio"},
        "ceiling": {"sort": "num", "source": "catalogue", "default": "inf", "unit": ""},
    },
    "tiers": ["fallback", "marketplace", "silver", "partner"],
    "params": {"verbosity": {"sort": "string", "choices": ["low", "high"]}, "depth": {"sort": "integer", "minimum": 1}},
    "needs": {"maps": "supports_maps"},
    "recipes": ["shorten"],
    "customs": {"redact": "2"},
}


def test_a_vocabulary_of_the_hosts_own_is_rebuilt_with_its_words() -> None:
    house = read_vocabulary(json.dumps(HOUSE), "house.json")
    part = vocabulary_part(house)
    made = Rebuilder(Kept((part,)).part).vocabulary(ordinary(vocabulary=house.fingerprint))
    assert (made.fingerprint, made.name) == (house.fingerprint, "house")
    assert made.fields == house.fields
    assert made.params == house.params


@pytest.mark.parametrize("name", ["core", "standard"])
def test_a_shipped_vocabulary_is_rebuilt_without_the_package_data(name: str) -> None:
    shipped = vocabulary(name)
    made = Rebuilder(Kept((vocabulary_part(shipped),)).part).vocabulary(ordinary(vocabulary=shipped.fingerprint))
    assert made.record() == shipped.record()


def test_two_spellings_of_a_policy_are_two_parts_of_one_fingerprint() -> None:
    one = one_decision("policy { filter price_in <= 5 and has_tee  rank neg(price_in)  select argmax }")
    other = one_decision("policy { filter has_tee and price_in <= 5  rank neg(price_in)  select argmax }")
    (first, first_parts), (second, second_parts) = decided(one), decided(other)
    assert first.policy == second.policy
    assert first.policy_part != second.policy_part
    both = Kept(first_parts + second_parts)
    assert rebuild(both.part, first).policy.policy.term == one.program.policy.term
    assert rebuild(both.part, second).policy.policy.term == other.program.policy.term


# --- damage ---------------------------------------------------------------------------------------------------


def refusal(parts: Kept, trace: Trace) -> str:
    with pytest.raises(Refused) as refused:
        rebuild(parts.part, trace)
    assert {found.code for found in refused.value.diagnostics} == {codes.TRACE_PART}
    return str(refused.value)


@pytest.mark.parametrize("kind", parts_module.KINDS)
def test_a_missing_part_is_named(kind: str) -> None:
    trace, parts = decided(one_decision())
    missing = next(part for part in parts if part.kind == kind)
    assert f"the {kind} `{missing.digest[:20]}" in refusal(Kept(tuple(set(parts) - {missing})), trace)


@pytest.mark.parametrize("kind", parts_module.KINDS)
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"a": 1}', b"[[1]]", b'{"latency_ms": [[9], [1]]}', b"x", b"\xff", b"7"]
)
def test_a_part_with_another_text_is_never_decided_over(kind: str, content: bytes) -> None:
    trace, parts = decided(one_decision())
    refusal(Kept(tuple(attrs.evolve(part, content=content) if part.kind == kind else part for part in parts)), trace)


@settings(max_examples=60)
@given(st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    trace, parts = decided(one_decision())
    kept = Kept(parts)
    key = data.draw(st.sampled_from(sorted(kept)))
    text = bytearray(text_of(kept[key]))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 255))
    kept[key] = bytes(text)
    codes_found, rebuilt = set(), None
    try:
        rebuilt = rebuild(kept.part, trace)
    except Refused as refused:
        codes_found = {found.code for found in refused.diagnostics}
    if rebuilt is None:
        assert codes_found == {codes.TRACE_PART}
    else:  # words about a field, which no fingerprint covers
        assert key[0] == "vocabulary"
        assert decide(rebuilt.policy, rebuilt.snapshot, rebuilt.facts, rebuilt.seed).fingerprint == trace.decision


@pytest.mark.parametrize("field", ["policy", "effective", "snapshot"])
def test_sound_parts_that_do_not_make_what_the_trace_names_are_refused_unless_that_is_not_asked(field: str) -> None:
    trace, parts = decided(one_decision())
    other = attrs.evolve(trace, **{field: "blake3:" + "0" * 64})
    assert "another one than the trace names" in refusal(Kept(parts), other)
    assert Rebuilder(Kept(parts).part, checked=False).rebuild(other).snapshot.fingerprint == trace.snapshot


def test_facts_that_the_vocabulary_does_not_have_are_damage() -> None:
    trace, parts = decided(one_decision())
    assert "the facts cannot be read" in refusal(Kept(parts), attrs.evolve(trace, facts={"need": ["tools"]}))


def test_a_trace_without_a_decision_has_nothing_to_rebuild() -> None:
    assert "names no vocabulary" in refusal(Kept(()), ordinary(outcome="refused", status=400))


def test_a_text_that_grows_without_bound_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "MAX_TEXT", 1000)
    with pytest.raises(ValueError, match="too long"):
        text_of(zlib.compress(bytes(1001)))
    assert text_of(zlib.compress(bytes(1000))) == bytes(1000)


@pytest.mark.parametrize("content", [zlib.compress(b"[1]")[:-1], zlib.compress(b"[1]") + b"more"])
def test_a_stream_that_is_cut_off_or_goes_on_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="cut off"):
        text_of(content)


# --- keeping --------------------------------------------------------------------------------------------------


def test_traces_that_share_their_parts_share_what_is_rebuilt() -> None:
    trace, parts = decided(one_decision())
    asked: list[str] = []
    kept = Kept(parts)

    def part(kind: str, digest: str) -> bytes | None:
        asked.append(kind)
        return kept.part(kind, digest)

    rebuilder = Rebuilder(part)
    first, second = rebuilder.rebuild(trace), rebuilder.rebuild(attrs.evolve(trace, seed=8))
    assert first.snapshot is second.snapshot
    assert first.policy is second.policy
    assert sorted(asked) == sorted(parts_module.KINDS)


def test_a_rebuilder_keeps_so_much_and_no_more() -> None:
    snapshot = one_decision().snapshot
    rebuilder: Rebuilder | None = None
    kept = Kept(())
    for latency in range(10):
        moved = snapshot.with_state({"a/plum": {"latency_ms": latency}})
        trace, parts = decided(decide(one_decision().program, moved, None, 1))
        kept |= Kept(parts)
        rebuilder = rebuilder or Rebuilder(kept.part, most=3)
        assert rebuilder.rebuild(trace).snapshot.fingerprint == moved.fingerprint
    assert rebuilder is not None
    assert max(map(len, rebuilder._kept.values())) == 3


def test_a_trace_names_its_parts() -> None:
    trace, parts = decided(one_decision())
    assert sorted(names_of_parts(trace)) == sorted((part.kind, part.digest) for part in parts)
    assert names_of_parts(ordinary()) == []


def test_the_same_part_is_made_the_same_each_time() -> None:
    assert decided(one_decision())[1] == decided(one_decision())[1]
