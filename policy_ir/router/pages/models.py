"""The page of what there is to choose from: candidates with what is known of them, policies that have names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from policy_ir.report import wording
from policy_ir.report.listing import listing
from policy_ir.report.markup import escape, section
from policy_ir.report.pieces import name_of
from policy_ir.report.wording import duration
from policy_ir.router.pages.frame import Visit, address, as_typed, document, pairs
from policy_ir.router.pages.outcomes import mark
from policy_ir.router.pages.retold import legible_policy
from policy_ir.syntax import fmt

if TYPE_CHECKING:
    from policy_ir.admission import Admitted
    from policy_ir.router.state import Row
    from policy_ir.snapshot import Snapshot

SHOWN: Final = 200
"""The most candidates on a page; the others can be found by name."""


@attrs.frozen(slots=True, kw_only=True)
class Standing:
    """A candidate: where its calls go, its prices in USD per million tokens, its context in tokens, what was observed.

    `sent` is the name of the model that its endpoint gets. `row` is None where nothing was observed.
    """

    id: str
    endpoint: str
    sent: str
    price_in: float | None = None
    price_out: float | None = None
    context: float | None = None
    row: Row | None = None

    @property
    def shut(self) -> bool:
        """Whether calls are kept away from it, or are about to be let through again for a trial."""
        return self.row is not None and (self.row.breaker != "closed" or self.row.account != "closed")


@attrs.frozen(slots=True, kw_only=True)
class Stated:
    """A policy that has a name."""

    name: str
    about: str
    text: str
    fingerprint: str

    @classmethod
    def of(cls, name: str, admitted: Admitted, about: str = "") -> Stated:
        """A policy of the configuration, in the syntax that people write."""
        written = legible_policy(admitted, name).document
        text = written.text if written is not None and written.text else fmt(admitted.term)
        return cls(name=name, about=about, text=text, fingerprint=admitted.fingerprint)


def standings(
    snapshot: Snapshot, endpoints: Sequence[str], sent: Sequence[str], rows: Iterable[Row]
) -> tuple[Standing, ...]:
    """The candidates of a snapshot in order; `endpoints` and `sent` have a name for each of them."""
    observed = {row.id: row for row in rows}

    def number(i: int, field: str) -> float | None:
        if field not in snapshot.fields:
            return None
        seen = snapshot.observe(i, field)
        return seen.value if seen.known and isinstance(seen.value, float) else None

    return tuple(
        Standing(
            id=id,
            endpoint=endpoints[i],
            sent=sent[i],
            price_in=number(i, "price_in"),
            price_out=number(i, "price_out"),
            context=number(i, "context"),
            row=observed.get(id),
        )
        for i, id in enumerate(snapshot.ids)
    )


def models_page(candidates: Sequence[Standing], policies: Sequence[Stated], *, find: str = "", visit: Visit) -> str:
    """The page at `/ui/models`. `find` has words that a candidate's id, endpoint or model contain."""
    shut = sum(one.shut for one in candidates)
    kept_away = f", {shut:,} of them kept away at the moment" if shut else ""
    head = (
        '<header id="content"><h1>Models and policies</h1><p class="lede">'
        f"{wording.counted(len(candidates), 'candidate')}{kept_away}; "
        f"{wording.counted(len(policies), 'named policy', 'named policies')}.</p></header>"
    )
    return document("Models and policies", [head, _candidates(candidates, find), _policies(policies)],
                    here="/ui/models", visit=visit)  # fmt: skip


# --- candidates -----------------------------------------------------------------------------------------------


def _candidates(candidates: Sequence[Standing], find: str) -> str:
    words = find.lower().split()
    found = [one for one in candidates if all(word in f"{one.id} {one.endpoint} {one.sent}".lower() for word in words)]
    # What is kept away comes first: that is what somebody looks for here.
    shown = sorted(found, key=lambda one: not one.shut)[:SHOWN]
    form = (
        '<form class="ask" method="get" action="/ui/models" role="search" aria-label="Candidates"><label>'
        f'<span>Find</span><input type="search" name="find" value="{as_typed(find)}" placeholder="provider or model" '
        'autocomplete="off" spellcheck="false"></label><p class="buttons"><button>Find</button>'
        f"{'<a href=/ui/models>Clear</a>' if words else ''}</p></form>"
    )
    left_out = f'<p class="rest">{len(found) - SHOWN:,} more: find them by name</p>' if len(found) > SHOWN else ""
    if not found:
        return section("Candidates", form + '<p class="empty">No candidate is called that.</p>', name="candidates")
    table = (
        '<div class="scroll"><table class="rows standings"><caption class="unseen">Candidates</caption><thead><tr>'
        '<th scope="col">candidate</th><th scope="col">goes to</th><th scope="col">state</th>'
        '<th scope="col" class="num">first token</th><th scope="col" class="num">tokens per s</th>'
        '<th scope="col" class="num">success</th><th scope="col" class="num">USD per Mtok, in / out</th>'
        f'<th scope="col" class="num">context</th></tr></thead><tbody>{"".join(map(_row, shown))}</tbody></table></div>'
    )
    return section("Candidates", form + table + left_out, name="candidates")


def _row(one: Standing) -> str:
    row = one.row
    latency = None if row is None or row.latency_ms is None else duration(row.latency_ms)
    speed = None if row is None or row.tok_s is None else wording.number(row.tok_s, 3)
    success = None if row is None or row.success_rate is None else f"{100 * row.success_rate:.0f}%"
    price = wording.price(one.price_in, one.price_out).removeprefix("USD ").removesuffix(" per Mtok")
    context = None if one.context is None else wording.number(one.context)
    columns = (
        ("first token", latency),
        ("tokens/s", speed),
        ("success", success),
        ("price", price.replace("price not known", "?")),
        ("context", context),
    )
    cells = "".join(
        f'<td class="num" data-label="{label}">{escape(value)}</td>'
        if value is not None
        else '<td class="num none">–</td>'
        for label, value in columns
    )
    sent = (
        f'<span class="soft">as {name_of(one.sent)}</span>'
        if one.sent not in (one.id, one.id.partition("/")[2])
        else ""
    )
    return (
        f'<tr><th scope="row"><a href="{address("/", candidate=one.id)}">{name_of(one.id)}</a></th>'
        f"<td>{escape(one.endpoint)} {sent}</td><td>{_state(row)}</td>{cells}</tr>"
    )


def _state(row: Row | None) -> str:
    if row is None:
        return '<span class="soft">not called yet</span>'
    if row.account != "closed":
        return _phase("provider off", "provider on trial", row.account, row.account_ms)
    if row.breaker != "closed":
        return _phase("breaker open", "half open", row.breaker, row.breaker_ms)
    failed = f' <span class="soft">{wording.counted(row.failures, "failure")} in a row</span>' if row.failures else ""
    return mark("kept", "up") + failed


def _phase(shut: str, trial: str, phase: str, left_ms: float) -> str:
    if phase == "open":
        return mark("no", shut) + f' <span class="soft">for {duration(left_ms)} more</span>'
    return mark("amber", trial) + (' <span class="soft">a call is on its way</span>' if phase == "probing" else "")


# --- policies -------------------------------------------------------------------------------------------------


def _policies(policies: Sequence[Stated]) -> str:
    if not policies:
        note = "The configuration names none. A call can bring its own, with the model <code>policy:*</code>."
        return section("Policies", "", note=note, name="policies")
    note = "A call asks for one with the model <code>policy:NAME</code>."
    return section("Policies", "".join(_policy(one, at) for at, one in enumerate(policies)), note=note, name="policies")


def _policy(one: Stated, at: int) -> str:
    rows = [("fingerprint", f"<code>{name_of(one.fingerprint)}</code>")]
    ways = (
        f'<p class="actions"><a href="{address("/ui/try", policy=one.name)}">Try it</a>'
        f'<a href="{address("/", policy=one.name)}">Its traces</a></p>'
    )
    about = f"<p>{escape(one.about)}</p>" if one.about else ""
    return (
        f'<article class="stated"><h3 class="file">policy:{escape(one.name)}</h3>{about}{ways}'
        f"{listing(one.text, [], anchor=f'P{at}-')}{pairs(rows, kind='prints')}</article>"
    )
