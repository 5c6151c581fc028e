"""Flows on the command line: taken where terms are, shown, priced, and run over the sandbox."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import POLICY, Ended, command, fine

from policy_ir.presets import FLOWS, flow_preset

pytestmark = pytest.mark.usefixtures("folder")

FLOW = """\
# Two calls.
flow {
  policy cheap {
    filter meets_req and price_out <= 5  # not too dear
    rank   neg(price_out)
  }

  input question

  llm draft(question) {
    policy   cheap
    on_error input
  }

  llm verify(question, draft) {
    policy   cheap
    system   "Correct it."
    template "$1 / $2"
  }

  output answer(verify)
}
"""
WHERE = {"POLICY_IR_TRACES": "traces.sqlite"}


@pytest.fixture(autouse=True)
def _files(folder: Path) -> None:
    folder.joinpath("flow.policy").write_text(FLOW, "utf-8")


def run(*arguments: object, **options: object) -> Ended:
    return command("flow", "run", "--sandbox", "--pace", 0, *arguments, environment=WHERE, **options)  # type: ignore[arg-type]


# --- where terms are taken -----------------------------------------------------------------------------------


def test_every_form_of_a_flow_is_valid_and_has_one_fingerprint(folder: Path) -> None:
    folder.joinpath("flow.json").write_text(fine("fmt", "--to", "wire", "flow.policy").out, "utf-8")
    folder.joinpath("flow.cbor").write_bytes(fine("fmt", "--to", "cbor", "flow.json").raw)
    names = ("flow.policy", "flow.json", "flow.cbor")
    prints = {fine("hash", name).out for name in names}
    assert len(prints) == 1
    assert [line.split(",")[0] for line in fine("validate", *names).out.splitlines()] == [
        f"{name}: valid Flow" for name in names
    ]


@pytest.mark.parametrize("hidden", ['[ "fl\\u006fw",', '[\n"\\u0066low",', ' \t["flo\\u0077",'])
def test_a_flow_is_one_however_its_head_is_written(hidden: str) -> None:
    wire = fine("fmt", "--to", "wire", "flow.policy").out
    assert fine("hash", "-", given=hidden + wire.partition(",")[2]).out == fine("hash", "flow.policy").out


def test_a_flow_comes_from_standard_input_as_bytes() -> None:
    assert (
        fine("hash", "-", given=fine("fmt", "--to", "cbor", "flow.policy").raw).out == fine("hash", "flow.policy").out
    )


def test_a_policy_that_speaks_of_flows_is_none() -> None:
    assert "valid Policy" in fine("validate", "-", given=POLICY.replace("# Cheap", "# For the flow {")).out


def test_the_json_of_a_hash_names_the_sort() -> None:
    made = fine("hash", "--format", "json", "flow.policy").json
    assert made["sort"] == "Flow"
    assert bytes.fromhex(made["canonical"]).startswith(b"\x82\x69flow-ir/1")


def test_another_language_has_no_flows() -> None:
    ended = command("hash", "--as", "sigma-pol/v2", "flow.policy")
    assert (ended.code, "PIR0810" in ended.err) == (1, True)


def test_validation_reports_all_that_is_wrong_with_a_flow_in_its_places() -> None:
    wrong = FLOW.replace("price_out <=", "price_ou <=").replace(
        "llm verify(question, draft)", "llm verify(question, drft)"
    )
    ended = command("validate", "--format", "json", "-", given=wrong)
    assert ended.code == 1
    found = {one["code"]: one for one in ended.json["files"][0]["diagnostics"]}
    assert set(found) == {"PIR0401", "PIR1022"}
    assert found["PIR1022"]["help"] == "did you mean `draft`?"
    assert found["PIR0401"]["span"]["line"] == 4


def test_an_input_that_a_template_drops_is_a_warning() -> None:
    doubtful = FLOW.replace("$1 / $2", "$2")
    assert "warning[PIR1045]" in command("validate", "-", given=doubtful).err
    assert command("validate", "--strict", "-", given=doubtful).code == 3


def test_the_formatter_keeps_comments_and_changes_nothing_twice(folder: Path) -> None:
    folder.joinpath("loose.policy").write_text(
        FLOW.replace("\n\n  llm", "\n\n\n llm").replace("    on_error", " on_error")
    )
    assert command("fmt", "--check", "loose.policy", "flow.policy").code == 3
    assert command("fmt", "--write", "loose.policy").code == 0
    written = folder.joinpath("loose.policy").read_text("utf-8")
    assert "# Two calls." in written
    assert "# not too dear" in written
    assert fine("fmt", "--check", "loose.policy").out == ""
    assert fine("hash", "loose.policy").out.split()[0] == fine("hash", "flow.policy").out.strip()


def test_the_normal_form_of_a_flow_is_printed_in_its_own_syntax() -> None:
    assert fine("normalize", "flow.policy").out.startswith("flow {\n")
    made = fine("normalize", "--format", "json", "flow.policy").json
    assert made["sort"] == "Flow"
    assert made["flow"][0] == "flow"
    again = fine("hash", "-", given=json.dumps(made["flow"])).out.strip()
    assert again == made["fingerprint"]


@pytest.mark.parametrize("verb", ["decide", "explain", "step"])
def test_a_flow_where_a_policy_is_due_is_refused_with_the_way_out(verb: str) -> None:
    ended = command(verb, "flow.policy")
    assert ended.code == 1
    assert "PIR0213" in ended.err
    assert "policy-ir flow explain" in ended.err


def test_a_flow_is_read_up_to_its_own_bound_and_a_term_up_to_that_of_terms() -> None:
    long = "#" + "x" * 300_000 + "\n"
    assert command("validate", "-", given=long + FLOW).code == 0
    assert "PIR0004" in command("validate", "-", given=long + POLICY).err


# --- show ----------------------------------------------------------------------------------------------------


def test_the_graph_is_shown_with_policies_and_remarks() -> None:
    out = fine("flow", "show", "flow.policy").out
    assert next(line for line in out.splitlines() if "verify" in line).split("  ")[0] == "●─╯"
    assert "reads question, draft" in out
    assert "cheap" in out
    assert "passes its input on if it fails" in out
    assert fine("hash", "flow.policy").out.strip() in out


@pytest.mark.parametrize("columns", [20, 40, 79, 200])
def test_the_graph_fits_its_terminal(columns: int) -> None:
    out = fine("flow", "show", "--preset", "fan-out-and-fuse", columns=columns).out
    assert max(map(len, out.splitlines())) <= columns
    assert "thinker" in out


def test_a_terminal_gets_colours_and_a_pipe_none() -> None:
    assert "\x1b[" in fine("flow", "show", "flow.policy", terminal=True).out
    assert "\x1b[" not in fine("flow", "show", "flow.policy").out


def test_the_graph_as_json() -> None:
    made = fine("flow", "show", "--format", "json", "flow.policy").json
    assert (made["input"], made["last"], made["output"]) == ("question", "verify", "answer")
    assert made["order"] == ["question", "draft", "verify", "answer"]
    assert made["nodes"]["answer"] == {"kind": "output", "inputs": ["verify"]}
    draft, verify = made["nodes"]["draft"], made["nodes"]["verify"]
    assert draft["policy"] == verify["policy"]
    assert (draft["policy_name"], draft["on_error"], draft["template_bytes"]) == ("cheap", "input", None)
    assert (verify["system_bytes"], verify["template_bytes"]) == (11, 7)


def test_a_flow_is_drawn_to_a_file_or_to_standard_output(folder: Path) -> None:
    ended = command("flow", "show", "flow.policy", "--svg", "flow.svg")
    assert (ended.code, ended.err) == (0, "flow.svg: written\n")
    svg = folder.joinpath("flow.svg").read_text("utf-8")
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert fine("flow", "show", "flow.policy", "--svg", "-").out == svg


def test_every_ready_flow_is_shown_by_name() -> None:
    for name in FLOWS:
        assert fine("flow", "show", "--preset", name).out


# --- explain -------------------------------------------------------------------------------------------------


def test_each_call_has_its_candidate_and_its_estimate() -> None:
    ended = fine("flow", "explain", "--catalog", "catalog.json", "--chat", "chat.json", "flow.policy")
    assert ended.out.startswith("2 calls, about USD ")
    assert ended.out.count("b/fig") >= 2
    assert "refused 2 of 5" in ended.out


def test_the_estimate_as_json_has_the_decisions() -> None:
    made = fine("flow", "explain", "--format", "json", "--seed", "7", "--message", "Hi", "flow.policy").json
    assert [node["node"] for node in made["nodes"]] == ["draft", "verify"]
    draft, verify = made["nodes"]
    assert draft["candidate"] == draft["decision"]["ordered"][0]["id"]
    assert (made["seed"], draft["seed"] != verify["seed"]) == (7, True)
    assert made["usd"] == pytest.approx(draft["usd"] + verify["usd"])


def test_one_call_is_explained_as_its_policy_would_be() -> None:
    out = fine("flow", "explain", "--catalog", "catalog.json", "--node", "verify", "flow.policy").out
    assert out.startswith("b/fig is chosen.")
    assert "flow.policy:4:" in out


def test_stated_facts_are_about_the_last_call_where_the_language_says_so() -> None:
    facts = '{"needs": ["tools"]}'
    made = fine(
        "flow", "explain", "--format", "json", "--catalog", "catalog.json", "--facts", facts, "flow.policy"
    ).json
    assert [node["candidate"] for node in made["nodes"]] == ["b/fig", "b/pear"]


def test_of_many_calls_the_first_are_explained_and_the_others_counted() -> None:
    calls = "\n".join(f"llm n{at}({'n' + str(at - 1) if at else 'ask'}) {{ policy p }}" for at in range(20))
    many = f"flow {{ policy p {{ filter top }} input ask {calls} output answer(n19) }}"
    out = fine("flow", "explain", "--catalog", "catalog.json", "-", given=many).out
    assert "and 8 more; --node NAME tells of one" in out
    assert out.count("refuses nobody") + out.count("candidates that the filter accepts") <= 12


def test_an_estimate_says_that_nobody_is_left() -> None:
    nobody = FLOW.replace("price_out <= 5", "price_out <= -1")
    out = fine("flow", "explain", "-", given=nobody).out
    assert "no candidate" in out
    assert "about not known" in out


# --- run -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FLOWS)
def test_every_ready_flow_runs_on_the_sandbox(name: str) -> None:
    ended = run("--preset", name, "--seed", "3", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    account = ended.json["policy_ir"]
    assert {node["outcome"] for node in account["nodes"].values()} == {"ok"}
    assert account["cost_usd"] == pytest.approx(sum(node["cost_usd"] for node in account["nodes"].values()))
    assert account["flow"] == command("hash", "-", given=flow_preset(name).text).out.strip()


def test_the_answer_goes_to_standard_output_and_the_account_to_standard_error() -> None:
    ended = run("flow.policy", "--message", "Where is it?")
    assert ended.code == 0
    assert ended.out.startswith("I am sim-")
    assert ended.out.count("\n") == 1
    for said in ("draft", "verify", "took", "USD", "2 attempts, trace tr_"):
        assert said in ended.err


def test_a_run_leaves_a_trace_that_is_the_same_again() -> None:
    trace = run("flow.policy", "--message", "Hi", "--format", "json").json["policy_ir"]["trace"]
    shown = fine("trace", "show", trace, environment=WHERE)
    assert "verify" in shown.out
    assert "same" in fine("replay", trace, environment=WHERE).out


def test_a_stream_says_what_the_whole_answer_says() -> None:
    asked = ("flow.policy", "--message", "Hi")
    assert run("--stream", *asked).out == run(*asked).out


def test_a_call_that_fails_and_passes_on_is_told() -> None:
    ended = run("--preset", "fan-out-and-fuse", "--fault", "north/thinker=server_error", "--svg", "run.svg")
    assert ended.code == 0
    assert "passed its input on: server_error" in ended.err
    assert "passed on: server_error" in Path("run.svg").read_text("utf-8")


def test_a_flow_that_fails_says_where_and_exits_with_3() -> None:
    ended = run("flow.policy", "--message", "Hi", "--fault", "*=server_error")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("failed: the node `verify` has failed")


def test_a_budget_without_bound_is_none() -> None:
    ended = run("--preset", "draft-and-verify", "--budget", "inf")
    assert (ended.code, "--budget is an amount in USD" in ended.err) == (2, True)


def test_a_budget_keeps_calls_from_being_made() -> None:
    ended = run("--preset", "draft-and-verify", "--budget", "0.0000001", "--format", "json")
    assert ended.code == 3
    assert ended.json["error"]["code"] == "budget_exceeded"
    assert ended.json["error"]["policy_ir"]["attempts"] == 0


def test_a_body_that_is_none_is_refused_before_anything_runs() -> None:
    ended = run("flow.policy", "--chat", "-", given='{"messages": 3}')
    assert ended.code == 1
    assert "PIR0720" in ended.err


def test_a_flow_that_no_router_carries_out_is_refused() -> None:
    filtered = FLOW.replace("rank   neg(price_out)", 'mutate filter_text("RedactPII")')
    ended = run("-", "--message", "Hi", given=filtered)
    assert (ended.code, "PIR0925" in ended.err) == (1, True)


def test_a_flow_runs_over_the_providers_of_a_configuration() -> None:
    provider = '[providers.b]\nkind = "compatible"\nurl = "http://127.0.0.1:9/v1"\n'
    key = f'[keys.me]\ndigest = "blake3:{"0" * 64}"\n'
    Path("router.toml").write_text(f'catalogue = "catalog.json"\n{provider}{key}', "utf-8")
    ended = command("flow", "run", "flow.policy", "--config", "router.toml", "--message", "Hi", environment=WHERE)
    assert ended.code == 3, ended.err
    assert "the node `verify` has failed" in ended.err


# --- wrong usage ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show"], "no flow is given"),
        (["show", "flow.policy", "--preset", "plan-then-act"], "both a file and --preset"),
        (["show", "--preset", "plan-then-acts"], "did you mean `plan-then-act`?"),
        (["explain", "flow.policy", "--node", "verifi"], "did you mean `verify`?"),
        (["explain", "flow.policy", "--chat", "chat.json", "--message", "Hi"], "exclude each other"),
        (["explain", "-", "--chat", "-"], "`-` is given twice"),
        (["run", "flow.policy", "--message", "Hi"], "it is not said where it runs"),
        (["run", "flow.policy", "--sandbox", "--config", "r.toml"], "both --sandbox and --config"),
        (["run", "flow.policy", "--sandbox"], "nothing is asked"),
        (["run", "flow.policy", "--config", "r.toml", "--fault", "a=b"], "with --sandbox"),
        (["run", "flow.policy", "--sandbox", "--stream", "--format", "json"], "leave out one"),
        (["show", "flow.policy", "--svg", "nowhere/x.svg"], "cannot be written"),
        (["run", "flow.policy", "--sandbox", "--message", "Hi", "--svg", "nowhere/x.svg"], "cannot be written"),
        (["show", "flow.policy", "--svg", "-", "--format", "json"], "both go to standard output"),
        (["explain", "flow.policy", "--svg", "-", "--format", "json"], "both go to standard output"),
        (["run", "flow.policy", "--sandbox", "--message", "Hi", "--svg", "-"], "--svg - and the answer both go"),
    ],
)
def test_wrong_usage_is_told_in_words(arguments: list[str], said: str) -> None:
    ended = command("flow", *arguments, given=FLOW, environment=WHERE)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


@pytest.mark.parametrize("verb", ["show", "explain"])
def test_what_is_no_flow_is_refused(verb: str) -> None:
    ended = command("flow", verb, "small.policy")
    assert ended.code == 1
    assert "PIR1001" in ended.err


# --- without the extra ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["aiohttp", "sqlalchemy"])
def test_without_the_extra_of_the_router_a_flow_cannot_be_run_and_is_told_how(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    ended = run("flow.policy", "--message", "Hi")
    assert ended.code == 2
    assert 'pip install "policy-ir[router]"' in ended.err
    assert missing in ended.err
    assert fine("flow", "explain", "flow.policy").out
