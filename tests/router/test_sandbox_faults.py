"""How faults are written, and at which calls they are."""

from __future__ import annotations

import pytest

from policy_ir.diagnostics import Refused
from policy_ir.router.sandbox import read_faults
from policy_ir.router.sandbox_faults import KINDS, Fault, Script, read_fault


def calls(text: str, count: int, *, seed: int = 0, every_ms: float = 0.0) -> str:
    """Which of some calls have the fault: `x` for one that has it."""
    script = Script("north/large", (read_fault(text),), seed)
    return "".join("x" if script.next(number * every_ms / 1000) else "." for number in range(count))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fault_can_be_written_by_its_name_alone(kind: str) -> None:
    fault = read_fault(kind)
    assert fault.kind == kind
    assert dict(fault.settings) == {name: setting.default for name, setting in KINDS[kind].settings.items()}
    assert calls(kind, 3) == ("x.x" if kind == "flapping" else "xxx")


def test_settings_stand_after_a_colon_in_any_order_and_with_spaces() -> None:
    fault = read_fault(" rate_limit : once, retry_after = 2.5 ")
    assert (fault.kind, fault.first, fault.number("retry_after"), fault.number("retry_after_ms")) == (
        "rate_limit",
        1,
        2.5,
        None,
    )
    assert read_fault("auth_error:echo=yes").word("echo") == "yes"
    assert read_fault("cut:after=1").whole("after") == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("server_error", "xxxxxx"),
        ("server_error:forever", "xxxxxx"),
        ("server_error:once", "x....."),
        ("server_error:3", "xxx..."),
        ("server_error:once,skip=2", "..x..."),
        ("server_error:skip=4", "....xx"),
        ("server_error:p=0", "......"),
        ("flapping", "x.x.x."),
        ("flapping:run=2", "xx..xx"),
        ("flapping:run=2,3", "xx...."),
    ],
)
def test_a_fault_is_at_the_calls_that_it_says(text: str, expected: str) -> None:
    assert calls(text, 6) == expected


def test_a_provider_that_flaps_by_time_does_so_from_its_first_call() -> None:
    assert calls("flapping:ms=500", 8, every_ms=200) == "xxx..xxx"


def test_a_share_of_the_calls_is_drawn_by_the_seed() -> None:
    drawn = calls("server_error:p=0.2", 1000)
    assert 150 < drawn.count("x") < 250
    assert drawn == calls("server_error:p=0.2", 1000)
    assert drawn != calls("server_error:p=0.2", 1000, seed=1)


def test_the_first_fault_at_a_call_happens_and_the_others_count_it_too() -> None:
    script = Script("a", (read_fault("server_error:once"), read_fault("rate_limit:2"), read_fault("cut:skip=3")))
    happened = [script.next(0.0) for _ in range(5)]
    assert [fault and fault.kind for fault in happened] == ["server_error", "rate_limit", None, "cut", "cut"]


def test_faults_are_given_to_a_candidate_to_all_of_a_provider_or_to_all() -> None:
    faults = read_faults(["north/large=rate_limit", "south/*=cut:after=1", "*=server_error:p=0.5"])
    assert len(faults) == 9
    kinds = {candidate: [fault.kind for fault in given] for candidate, given in faults.items()}
    assert kinds["north/large"] == ["rate_limit", "server_error"]
    assert kinds["south/mini"] == ["cut", "server_error"]
    assert kinds["west/tiny"] == ["server_error"]


def refusals(*texts: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        read_faults(texts)
    return [(found.code.code, found.message) for found in refused.value.diagnostics]


def test_a_misspelt_fault_or_candidate_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(Refused) as refused:
        read_faults(["north/lage=server_eror"])
    candidate, fault = refused.value.diagnostics
    assert (candidate.code.code, candidate.help) == ("PIR0942", "did you mean `north/large`?")
    assert (fault.code.code, fault.help) == ("PIR0940", "did you mean `server_error`?")


@pytest.mark.parametrize("text", ["", "rate_limit", "rate_limit:retry_after=2", "large=rate_limit", "=rate_limit"])
def test_a_fault_for_no_candidate_is_refused(text: str) -> None:
    assert [code for code, _ in refusals(text)] == ["PIR0942"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rate_limit:retry=2", "`retry=2`"),
        ("rate_limit:retry_after=soon", "`soon`"),
        ("rate_limit:retry_after=-1", "`-1`"),
        ("rate_limit:retry_after=nan", "`nan`"),
        ("rate_limit:retry_after", "`retry_after`"),
        ("server_error:status=99", "`99`"),
        ("server_error:status=1000", "`1000`"),
        ("server_error:twice", "`twice`"),
        ("server_error:p=2", "`2`"),
        ("server_error:skip=", "``"),
        ("flapping:run=0", "`0`"),
        ("auth_error:echo=perhaps", "`echo=perhaps`"),
        ("reset:after=3", "`after=3`"),
    ],
)
def test_a_setting_that_a_fault_does_not_take_is_refused(text: str, found: str) -> None:
    ((code, message),) = refusals(f"north/large={text}")
    assert code == "PIR0941"
    assert found in message


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = refusals("north/large=cut:before=3,p=9", "here=cut", "north/large=hiccup")
    assert [code for code, _ in found] == ["PIR0941", "PIR0941", "PIR0942", "PIR0940"]


def test_a_number_of_calls_of_many_digits_is_bounded() -> None:
    assert refusals("north/large=cut:" + "9" * 5000)[0][0] == "PIR0941"


def test_a_fault_without_settings_can_be_made_without_a_text() -> None:
    assert Script("a", (Fault(kind="silence"),)).next(0.0) == Fault(kind="silence")
