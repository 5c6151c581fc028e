"""decide, explain and step: a policy, a catalogue, a request, a seed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import command, fine

pytestmark = pytest.mark.usefixtures("folder")

OVER = ("--catalog", "catalog.json")


# --- decide --------------------------------------------------------------------------------------------------


def test_decide_names_the_order_the_refused_and_the_fingerprints() -> None:
    out = fine("decide", "small.policy", *OVER).out
    assert out.startswith("b/pear is chosen, of 5 candidates")
    assert "refused 3 of 5" in out
    assert "cmp:price_out:le" in out
    assert "is:supports_tools" in out
    for name in ("policy", "vocabulary", "snapshot", "facts", "decision"):
        assert f"\n{name}" in out
    assert "USD per Mtok" in out
    assert "0.5 / 2" in out


@pytest.mark.parametrize("option", ["--catalog", "--chat", "--floor", "--vocabulary"])
def test_a_file_that_is_missing_is_not_called_a_policy_if_it_is_none(option: str) -> None:
    ended = command("decide", "small.policy", option, "missing.json")
    assert ended.code == 1
    assert "PIR0001" in ended.err
    assert "with a policy" not in ended.err


def test_a_line_that_is_cut_says_so(folder: Path) -> None:
    many = " and ".join(["not disabled"] * 20)
    folder.joinpath("wide.policy").write_text(f"policy {{ filter {many} and price_in <= -1 and {many} }}", "utf-8")
    shown = fine("explain", "wide.policy", *OVER).out.splitlines()
    (at,) = (number for number, line in enumerate(shown) if line.startswith("  1 | "))
    assert shown[at].startswith("  1 | …")
    assert shown[at].endswith("…")
    assert len(shown[at]) <= 100
    start, end = shown[at + 1].index("^"), shown[at + 1].rindex("^") + 1
    assert shown[at][start:end] == "price_in <= -1"


def test_a_seed_is_the_same_however_it_is_written() -> None:
    assert (
        fine("decide", "small.policy", *OVER, "--seed", "7.0").out
        == fine("decide", "small.policy", *OVER, "--seed", "7").out
    )


def test_decide_as_json_is_the_whole_decision() -> None:
    shown = fine("decide", "small.policy", *OVER, "--seed", "7", "--format", "json").json
    for name in ("policy", "effective", "vocabulary", "snapshot", "facts", "fingerprint"):
        assert shown[name].startswith("blake3:")
        assert len(shown[name]) == 71
    assert shown["seed"] == 7
    assert [one["id"] for one in shown["ordered"]] == ["b/pear", "a/plum"]
    assert [one["id"] for one in shown["rejected"]] == ["b/fig", "c/quince", "c/medlar"]
    assert {"id": "c/quince", "reason": "cmp:price_out:le"} in shown["rejected"]
    assert shown["cut"] == []


def test_the_shipped_catalogue_is_used_where_none_is_given() -> None:
    shown = fine("decide", "small.policy", "--format", "json").json
    assert len(shown["ordered"]) + len(shown["rejected"]) + len(shown["cut"]) > 500


def test_decide_wants_a_policy() -> None:
    ended = command("decide", "pred.json", *OVER, "--format", "json")
    assert (ended.code, ended.out) == (1, "")
    assert [found["code"] for found in ended.diagnostics] == ["PIR0213"]


def test_a_decision_without_survivors_is_a_decision_unless_it_must_not_be(folder: Path) -> None:
    folder.joinpath("none.policy").write_text("policy {\n  filter bot\n}\n", "utf-8")
    assert "no candidate is left" in fine("decide", "none.policy", *OVER).out
    assert command("decide", "none.policy", *OVER, "--fail").code == 3
    assert command("decide", "small.policy", *OVER, "--fail").code == 0


def test_facts_are_given_as_they_stand_or_in_a_file() -> None:
    given = '{"needs": ["tools"], "min_context": 150000}'
    shown = fine("decide", "small.policy", *OVER, "--facts", given, "--format", "json").json
    assert [one["id"] for one in shown["ordered"]] == ["a/plum"]
    facts = {
        fine("decide", "small.policy", *OVER, "--facts", form, "--format", "json").json["facts"]
        for form in ("@facts.json", "facts.json", Path("facts.json").read_text("utf-8"))
    }
    assert len(facts) == 1


def test_what_is_wrong_with_a_chat_body_is_told_without_showing_the_prompt(folder: Path) -> None:
    (folder / "wrong.json").write_text('{"messages": [{"role": "user", "content": "a secret"}], "max_tokens": "x"}')
    run = command("decide", "small.policy", *OVER, "--chat", "wrong.json")
    assert run.code == 1
    assert "wrong.json at /max_tokens" in run.err
    assert "a secret" not in run.err


def test_facts_are_derived_from_a_chat_body_and_added_to_those_stated() -> None:
    derived = fine("decide", "small.policy", *OVER, "--chat", "chat.json", "--format", "json").json
    both = fine(
        "decide", "small.policy", *OVER, "--chat", "-", "--facts", '{"min_context": 150000}', "--format", "json",
        given=Path("chat.json").read_bytes(),
    ).json  # fmt: skip
    assert [one["id"] for one in derived["ordered"]] == ["b/pear", "a/plum"]
    assert [one["id"] for one in both["ordered"]] == ["a/plum"]
    assert (
        len({derived["facts"], both["facts"], fine("decide", "small.policy", *OVER, "--format", "json").json["facts"]})
        == 3
    )


@pytest.mark.parametrize(
    ("options", "code", "source"),
    [
        (["--facts", '{"min_contxt": 3}'], "PIR0711", "--facts"),
        (["--facts", "@nowhere.json"], "PIR0001", "nowhere.json"),
        (["--facts", "[]"], "PIR0710", "--facts"),
        (["--facts", "{"], "PIR0103", "--facts"),
        (["--chat", "pred.json"], "PIR0720", "pred.json"),
        (["--chat", "chat.json", "--facts", '{"privacy": "none"}'], "PIR0713", "--facts"),
        (["--floor", "wrong.policy"], "PIR0401", "wrong.policy"),
        (["--catalog", "pred.json"], "PIR0601", "pred.json"),
        (["--seed", "-1"], "PIR0730", None),
        (["--seed", "9" * 500], "PIR0730", None),
        (["--seed", "seven"], "PIR0730", None),
        (["--vocabulary", "nothing"], "PIR0702", None),
    ],
)
def test_a_refused_input_is_named_with_its_place(options: list[str], code: str, source: str | None) -> None:
    ended = command("decide", "small.policy", "--format", "json", *options)
    assert (ended.code, ended.out) == (1, "")
    assert code in [found["code"] for found in ended.diagnostics]
    assert ended.diagnostics[0]["source"] == source


def test_standard_input_is_read_once() -> None:
    ended = command("decide", "-", "--chat", "-", given=Path("small.policy").read_bytes())
    assert ended.code == 2
    assert "`-` is given twice, for a term and for the chat body" in ended.err


def test_a_floor_narrows_a_policy_and_has_its_own_fingerprint() -> None:
    shown = fine("decide", "small.policy", *OVER, "--floor", "floor.json", "--format", "json").json
    assert [one["id"] for one in shown["ordered"]] == ["b/pear"]
    assert shown["effective"] != shown["policy"]
    assert "\neffective " in fine("decide", "small.policy", *OVER, "--floor", "floor.json").out


def test_a_catalogue_that_the_vocabulary_does_not_fit_is_refused_in_a_bounded_way(folder: Path) -> None:
    folder.joinpath("any.policy").write_text("policy {\n  filter top\n}\n", "utf-8")
    ended = command("decide", "any.policy", "--vocabulary", "core")
    assert ended.code == 1
    assert "PIR0604" in ended.err
    assert "more; --format json has all" in ended.err
    assert ended.err.count("error[") == 20


def test_decide_shows_five_of_the_order_or_all(folder: Path) -> None:
    folder.joinpath("any.policy").write_text("policy {\n  filter meets_req\n}\n", "utf-8")
    assert "more in order" in fine("decide", "any.policy").out
    assert "more in order" not in fine("decide", "any.policy", "--all").out


def test_a_vague_reason_has_its_clause_beside_it(folder: Path) -> None:
    folder.joinpath("any.policy").write_text("policy {\n  filter not supports_tools\n}\n", "utf-8")
    lines = fine("decide", "any.policy", *OVER).out.splitlines()
    assert [line.split(None, 2) for line in lines if "supports_tools" in line] == [["4", "not", "not supports_tools"]]


# --- explain -------------------------------------------------------------------------------------------------


def test_explain_says_who_is_chosen_and_why() -> None:
    out = fine("explain", "small.policy", *OVER).out
    assert out.startswith(
        "b/pear is chosen.\nIt has the highest score of the 2 candidates that the filter accepts, of 5"
    )
    said = " ".join(out.split())
    assert "What puts it ahead is `0.7 * neg(normalize(price_out))` (+0.7)" in said
    assert "`0.3 * normalize(context)` (-0.3) speaks for `a/plum`" in said


def test_explain_points_at_the_clause_that_refuses() -> None:
    lines = fine("explain", "small.policy", *OVER).out.splitlines()
    at = next(i for i, line in enumerate(lines) if "price_out must be at most USD 5 per Mtok" in line)
    assert lines[at].startswith("2 candidates are refused")
    assert lines[at + 1].strip() == "--> small.policy:4:16  reason cmp:price_out:le"
    assert lines[at + 2].endswith("and price_out <= 5")
    assert lines[at + 3].index("^") == lines[at + 2].index("price_out")
    assert "c/quince: price_out is USD 30 per Mtok" in lines[at + 4]
    assert "needs price_out to be at most USD 5 per Mtok, or a bound of at least USD 30 per Mtok" in lines[at + 5]


def test_explain_breaks_the_score_down() -> None:
    out = fine("explain", "small.policy", *OVER).out
    assert "0.7 * neg(normalize(price_out))" in out
    assert "USD 2 per Mtok" in out
    (total,) = [line.split() for line in out.splitlines() if line.startswith("sum")]
    assert total == ["sum", "0.700", "0.300"]


def test_explain_says_where_the_floor_refuses() -> None:
    out = fine("explain", "small.policy", *OVER, "--floor", "floor.json").out
    assert "refused (the host's floor): price_in must be less than USD 1 per Mtok" in out
    assert "--> floor.json:1:1" in out
    assert "or a bound of more than USD 1.75 per Mtok in the floor" in " ".join(out.split())


def test_explain_shows_two_candidates_of_a_cause_or_all() -> None:
    some, every = fine("explain", "small.policy").out, fine("explain", "small.policy", "--all").out
    assert "--all shows them" in some
    assert "--all shows them" not in every
    assert len(every) > 10 * len(some)


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        ("b/pear", "b/pear is number 1 of 2 in order; its score is 0.700."),
        ("a/plum", "a/plum is number 2 of 2 in order"),
        ("c/quince", "c/quince is refused, with the reason cmp:price_out:le."),
        ("c/medlar", "`price_out` is not known, and taken as USD inf per Mtok"),
    ],
)
def test_explain_tells_of_one_candidate(candidate: str, said: str) -> None:
    assert said in fine("explain", "small.policy", *OVER, "--candidate", candidate).out


def test_explain_tells_of_a_candidate_that_the_selector_cuts(folder: Path) -> None:
    folder.joinpath("one.policy").write_text("policy {\n  rank neg(price_out)\n  select top_k(1, argmax)\n}\n", "utf-8")
    out = fine("explain", "one.policy", *OVER, "--candidate", "a/plum").out
    assert "is accepted by the filter, with the score -3.000, and cut by top_k" in out
    whole = fine("explain", "one.policy", *OVER).out
    assert "It is the one that `top_k` leaves of the 5 candidates that the filter accepts" in whole
    assert "4 candidates cut by top_k" in whole


def test_an_unknown_candidate_is_wrong_usage_with_a_suggestion() -> None:
    for verb in ("explain", "step"):
        ended = command(verb, "small.policy", *OVER, "--candidate", "b/peer")
        assert ended.code == 2
        assert "did you mean `b/pear`?" in ended.err
    assert "`policy-ir catalog show` lists" in command("explain", "small.policy", *OVER, "--candidate", "?").err


def test_explain_as_json_holds_the_decision() -> None:
    shown = fine("explain", "small.policy", *OVER, "--format", "json").json
    assert shown["decision"] == fine("decide", "small.policy", *OVER, "--format", "json").json
    assert shown["winner"] == "b/pear"
    assert {one["id"] for one in shown["refused"]} == {"b/fig", "c/quince", "c/medlar"}


def test_explain_answers_where_nobody_is_left(folder: Path) -> None:
    folder.joinpath("none.policy").write_text("policy {\n  filter context >= 1e9\n}\n", "utf-8")
    out = fine("explain", "none.policy", *OVER).out
    assert out.startswith("No candidate is left.\nThe filter refuses all 5 candidates.")
    assert "5 candidates are refused: context must be at least 1,000,000,000 tokens" in out


def test_explain_points_into_json_by_line_too(folder: Path) -> None:
    folder.joinpath("small.json").write_text(fine("fmt", "--to", "wire", "small.policy").out, "utf-8")
    out = fine("explain", "small.json", *OVER).out
    assert '["cmp", "price_out", "le", 5]' in out
    assert "--> small.json:6:5" in out


def test_explain_points_by_pointer_where_there_is_no_text(folder: Path) -> None:
    folder.joinpath("small.cbor").write_bytes(fine("fmt", "--to", "cbor", "small.policy").raw)
    out = fine("explain", "small.cbor", *OVER).out
    assert "at small.cbor /1/" in out
    assert "b/pear is chosen" in out


def test_explain_writes_a_page(folder: Path) -> None:
    ended = command("explain", "small.policy", *OVER, "--html", "page.html")
    assert (ended.code, ended.out, ended.err) == (0, "", "page.html: written\n")
    page = folder.joinpath("page.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "b/<wbr>pear" in page
    assert fine("explain", "small.policy", *OVER, "--html", "-").out == page
    assert command("explain", "small.policy", *OVER, "--html", "no/folder/x.html").code == 2


# --- step ----------------------------------------------------------------------------------------------------


def test_step_shows_rule_redex_and_result_for_one_candidate() -> None:
    out = fine("step", "small.policy", *OVER, "--candidate", "c/quince").out
    assert "cmp/reject" in out
    assert 'cmp("price_out", "le", 5)' in out
    assert "reject cmp:price_out:le" in out
    assert "filter/drop" in out or "filter/reject" in out
    assert "b/pear" not in out


def test_step_shows_the_whole_policy_up_to_a_limit() -> None:
    some = fine("step", "small.policy", *OVER, "--limit", "3").out
    assert "3 steps shown" in some
    assert "--limit 0 shows all" in some
    every = fine("step", "small.policy", *OVER, "--limit", "0", "--format", "json").json
    assert every["total"] == len(every["steps"])
    assert [one["number"] for one in every["steps"]] == list(range(1, every["total"] + 1))
    first = every["steps"][0]
    assert first["rule"] == "meets_req/accept"
    assert (first["candidate"], first["source"], first["pointer"]) == ("a/plum", "policy", "/1/1")
    assert any(one["rule"] == "select/argmax" for one in every["steps"])


def test_step_is_readable_where_there_is_little_room() -> None:
    out = fine("step", "small.policy", *OVER, "--candidate", "c/quince", columns=50).out
    assert max(map(len, out.splitlines())) <= 50
    assert "→ reject cmp:price_out:le" in out


def test_every_layout_fits_where_there_is_little_room() -> None:
    for arguments in (["decide", "small.policy"], ["explain", "small.policy"], ["fields"], ["catalog", "show"]):
        out = fine(*arguments, columns=60).out
        assert max(map(len, out.splitlines())) <= 60, arguments


def test_decisions_are_the_same_json_from_every_syntax(folder: Path) -> None:
    folder.joinpath("small.json").write_text(fine("fmt", "--to", "wire", "small.policy").out, "utf-8")
    one, other = (fine("decide", name, *OVER, "--format", "json").out for name in ("small.policy", "small.json"))
    assert json.loads(one) == json.loads(other)
