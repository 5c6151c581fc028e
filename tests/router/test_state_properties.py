"""Whatever happens in whatever order: one probe at a time, no breaker open for ever, a state that can be replayed."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st
from observing import BREAKER, OUTAGES, Clock, shut, world

from policy_ir.evaluator import Overlay
from policy_ir.router.breaker import MOST_OPEN_S
from policy_ir.router.state import ACCOUNT_FAULTS, LONGEST_MS, REQUEST_FAULTS, Dispatch, State

SNAPSHOT = world(3, latency_ms=50.0)
FIELDS = ("breaker_open", "disabled", "latency_ms", "success_rate", "tok_s")


@attrs.frozen
class Step:
    """Time passes, then something happens to a candidate: a call is sent, or one of those on their way ends."""

    after: float
    candidate: int
    kind: str
    which: int
    reason: str
    stated: float
    asked: float


STEPS = st.lists(
    st.builds(
        Step,
        after=st.sampled_from([0.0, 0.001, 0.5, 5.0, 29.9, 31.0, 61.0]),
        candidate=st.integers(0, 2),
        kind=st.sampled_from(["send", "send", "send", "fail", "fail", "succeed", "cancel"]),
        which=st.integers(0, 9),
        reason=st.sampled_from([*OUTAGES, *OUTAGES, "rate_limit", *sorted(REQUEST_FAULTS)]),
        stated=st.sampled_from([0.0, 0.0, 0.0, 1_500.0, 45_000.0, 1e12]),
        asked=st.sampled_from([0.0, 0.0, 0.0, 2_000.0, 3_600_000.0]),
    ),
    max_size=60,
)


class Course:
    """A state and the calls that are on their way."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.state = State(SNAPSHOT, BREAKER, self.clock)
        self.under_way: dict[int, list[Dispatch]] = {i: [] for i in range(SNAPSHOT.size)}

    def take(self, step: Step) -> None:
        self.clock.now += step.after
        waiting = self.under_way[step.candidate]
        if step.kind == "send":
            waiting.append(self.state.chosen(step.candidate))
        elif waiting:
            self.end(waiting.pop(step.which % len(waiting)), step)

    def end(self, sent: Dispatch, step: Step) -> None:
        match step.kind:
            case "fail":
                self.state.failed(sent, step.reason, retry_after_ms=step.stated or None, open_ms=step.asked or None)
            case "succeed":
                self.state.succeeded(sent, first_token_ms=step.stated, tok_s=step.asked)
            case _:
                self.state.cancelled(sent)


@given(STEPS)
def test_at_most_one_probe_of_a_candidate_is_on_its_way(steps: list[Step]) -> None:
    course = Course()
    sent_at: dict[Dispatch, float] = {}
    for step in steps:
        course.take(step)
        now = course.clock.now
        for sent in course.under_way.values():
            probes = [one for one in sent if one.probe and now < sent_at.setdefault(one, now) + LONGEST_MS / 1000]
            assert len(probes) <= 1


@given(STEPS, st.integers(0, 2))
def test_a_breaker_is_shut_while_its_probe_is_on_its_way_and_was_not_when_it_was_sent(
    steps: list[Step], i: int
) -> None:
    course = Course()
    for step in steps:
        course.take(step)
    before, failing = shut(course.state, i), any(row.breaker != "closed" for row in course.state.rows())
    sent = course.state.chosen(i)
    assert not (before and sent.probe)
    assert shut(course.state, i) == (before or sent.probe)
    assert failing or not sent.probe


@given(STEPS)
def test_no_breaker_stays_open_for_ever(steps: list[Step]) -> None:
    course = Course()
    for step in steps:
        course.take(step)
    # Nobody tells any outcome any more.
    course.clock.now += MOST_OPEN_S + LONGEST_MS / 1000
    assert not any(shut(course.state, i) for i in range(SNAPSHOT.size))


@given(STEPS, st.integers(0, 2))
def test_a_success_closes_the_breaker_through_which_it_was_sent(steps: list[Step], i: int) -> None:
    course = Course()
    for step in steps:
        course.take(step)
    course.state.succeeded(course.state.chosen(i))
    assert not shut(course.state, i)


@given(STEPS)
def test_what_becomes_of_other_candidates_does_not_matter(steps: list[Step]) -> None:
    both, alone = Course(), Course()
    for step in steps:
        both.take(step)
        if step.candidate == 0:
            alone.take(step)
        else:
            alone.clock.now += step.after
        assert shut(both.state) == shut(alone.state)


@given(STEPS)
def test_the_same_events_at_the_same_times_give_the_same_state(steps: list[Step]) -> None:
    one, other = Course(), Course()
    for step in steps:
        one.take(step)
        other.take(step)
        assert one.state.overlay().snapshot.fingerprint == other.state.overlay().snapshot.fingerprint


@given(STEPS, st.data())
def test_how_often_the_state_is_asked_for_changes_no_breaker(steps: list[Step], data: st.DataObject) -> None:
    asked, unasked = Course(), Course()
    for step in steps:
        asked.take(step)
        unasked.take(step)
        for _ in range(data.draw(st.integers(0, 2))):
            asked.state.overlay()
    shown = [(row.id, row.breaker, row.failures, row.account) for row in asked.state.rows()]
    assert shown == [(row.id, row.breaker, row.failures, row.account) for row in unasked.state.rows()]
    assert [shut(asked.state, i) for i in range(3)] == [shut(unasked.state, i) for i in range(3)]


@given(STEPS)
def test_a_state_is_what_an_update_of_the_snapshot_with_the_same_values_gives(steps: list[Step]) -> None:
    course = Course()
    for step in steps:
        course.take(step)
        snapshot = course.state.overlay().snapshot
        update = {
            SNAPSHOT.ids[i]: {name: seen.value for name in FIELDS if (seen := snapshot.observe(i, name)).known}
            for i in range(SNAPSHOT.size)
        }
        assert SNAPSHOT.with_state(update).fingerprint == snapshot.fingerprint


@given(STEPS)
def test_a_state_that_shows_the_same_is_the_same_object(steps: list[Step]) -> None:
    course = Course()
    before: Overlay = course.state.overlay()
    for step in steps:
        course.take(step)
        after = course.state.overlay()
        assert course.state.overlay() is after
        assert (after is before) == (after.snapshot.state_fingerprint == before.snapshot.state_fingerprint)
        before = after


@given(STEPS, st.integers(0, 60))
def test_a_reload_in_between_changes_nothing(steps: list[Step], at: int) -> None:
    plain, reloaded = Course(), Course()
    for place, step in enumerate(steps):
        if place == at:
            reloaded.state = reloaded.state.carry(world(3, latency_ms=50.0))
        plain.take(step)
        reloaded.take(step)
        assert [shut(plain.state, i) for i in range(3)] == [shut(reloaded.state, i) for i in range(3)]
    plain.clock.now += 2
    reloaded.clock.now += 2
    assert plain.state.overlay().snapshot.fingerprint == reloaded.state.overlay().snapshot.fingerprint


def test_the_faults_are_of_one_kind_each() -> None:
    assert not REQUEST_FAULTS & ACCOUNT_FAULTS
