"""The verbs over catalogues: import, show, diff."""

from __future__ import annotations

import sys
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.inputs import Inputs
from policy_ir.cli.options import Formatted, VocabularyName
from policy_ir.cli.screen import Format, console, report, write_json
from policy_ir.diagnostics import legible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policy_ir.candidate import Candidate
    from policy_ir.catalogs import Imported
    from policy_ir.diagnostics import Diagnostic
    from policy_ir.snapshot import Snapshot
    from policy_ir.vocabulary import Vocabulary

app = typer.Typer(
    help="Make, look at and compare catalogues.", no_args_is_help=True, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

REASONS = 8
"""Kinds of rows and values that were not imported, as far as they are shown without `--all`."""


class PriceList(StrEnum):
    """The price lists that can be imported."""

    LITELLM = "litellm"
    OPENROUTER = "openrouter"
    MODELS_DEV = "models.dev"


# --- import --------------------------------------------------------------------------------------------------


@app.command("import")
@verb
def import_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The price list; - is standard input.", show_default=False)
    ],
    from_: Annotated[
        PriceList | None,
        typer.Option(
            "--from",
            metavar="litellm|openrouter|models.dev",
            help="Its format; recognised if not given.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="Write the catalogue here; - is standard output.")
    ] = "-",
    vocabulary: VocabularyName = None,
    all: Annotated[bool, typer.Option("--all", help="Report every row and value that was not imported.")] = False,
    format: Formatted = Format.HUMAN,
) -> None:
    """Make a catalogue file from a price list.

    LiteLLM's model_prices_and_context_window.json, OpenRouter's /api/v1/models, or models.dev's api.json.

    Nothing is invented: a missing price stays missing. What is not imported is reported on standard error, as JSON
    every row and value, for people by kind.
    """  # fmt: skip
    from policy_ir.catalogs import catalog_json, import_catalog, read_large_text
    from policy_ir.cli.files import save_text

    inputs = Inputs()
    declared = inputs.vocabulary(vocabulary)
    name, text = read_large_text(inputs.claim(file, "the price list"))
    imported = import_catalog(text, declared, form=None if from_ is None else from_.value, name=name)
    made = catalog_json(imported.candidates, declared.name, about=f"Imported from {name}.")
    save_text(output, made)
    if format is Format.JSON:
        report(imported.skipped, None, format)
    else:
        _summarise(imported, all=all)


def _summarise(imported: Imported, *, all: bool) -> None:
    from policy_ir.report.wording import counted

    out = [f"{counted(len(imported.candidates), 'candidate')} imported"]
    for kind, found in (("row", imported.rows_skipped), ("value", imported.values_ignored)):
        if not found:
            continue
        out.append(f"{counted(len(found), kind)} not imported")
        if all:
            out += [f"  {one.message}  ({one.pointer})" for one in found]
            continue
        groups = _by_kind(found)
        out += [f"  {len(ones):>6,}  {why}, such as {ones[0].pointer}" for why, ones in groups[:REASONS]]
        rest = sum(len(ones) for _, ones in groups[REASONS:])
        out += [f"  {rest:>6,}  for other reasons"] if rest else []
    if imported.skipped and not all:
        out.append("--all reports each of them, --format json as data")
    print("\n".join(map(legible, out)), file=sys.stderr)


def _by_kind(found: Sequence[Diagnostic]) -> list[tuple[str, list[Diagnostic]]]:
    """Reports by what they say after the name of the row, most first."""
    groups: dict[str, list[Diagnostic]] = {}
    for one in found:
        groups.setdefault(one.message.partition(": ")[2] or one.message, []).append(one)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


# --- show ----------------------------------------------------------------------------------------------------


@app.command("show")
@verb
def show(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Show all of these.", show_default=False)
    ] = None,
    catalog: Annotated[
        str | None,
        typer.Option(
            "--catalog", metavar="FILE", help="A catalogue file; the shipped one if not given.", show_default=False
        ),
    ] = None,
    vocabulary: VocabularyName = None,
    provider: Annotated[
        str | None, typer.Option("--provider", metavar="NAME", help="Only of this provider.", show_default=False)
    ] = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Show the candidates of a catalogue.

    With prices and context; of single ones, everything that the catalogue says.

    As JSON, an object with `candidates` as in a catalogue file, `vocabulary`, `fingerprint`, and the fingerprints of
    the parts: `catalogue` and `state`.
    """  # fmt: skip
    inputs = Inputs()
    declared = inputs.vocabulary(vocabulary)
    snapshot = inputs.snapshot(catalog, declared)
    wanted = _wanted(snapshot, ids or [], provider)
    if format is Format.JSON:
        from policy_ir.catalogs.file import candidate_record

        write_json(
            {
                "vocabulary": declared.name,
                "fingerprint": snapshot.fingerprint,
                "catalogue": snapshot.catalogue_fingerprint,
                "state": snapshot.state_fingerprint,
                "candidates": [candidate_record(snapshot.candidate(i)) for i in wanted],
            }
        )
        return
    if ids:
        for i in wanted:
            _show_one(snapshot.candidate(i), declared)
    else:
        _show_all(snapshot, wanted)


def _wanted(snapshot: Snapshot, ids: Sequence[str], provider: str | None) -> list[int]:
    from policy_ir.diagnostics import quoted, suggestion

    for name in ids:
        if name not in snapshot.index:
            near = suggestion(name, snapshot.ids)
            raise WrongUsage(
                f"the catalogue has no candidate {quoted(name)}" + (f"; did you mean {quoted(near)}?" if near else "")
            )
    everyone = [snapshot.index[name] for name in ids] if ids else list(range(snapshot.size))
    if provider is None:
        return everyone
    providers = {snapshot.provider(i) for i in range(snapshot.size)}
    if provider not in providers:
        near = suggestion(provider, providers)
        hint = f"; did you mean {quoted(near)}?" if near else f"; there are {', '.join(sorted(providers))}"
        raise WrongUsage(f"the catalogue has no provider {quoted(provider)}{hint}")
    return [i for i in everyone if snapshot.provider(i) == provider]


def _show_one(candidate: Candidate, vocabulary: Vocabulary) -> None:
    from policy_ir.cli import layout
    from policy_ir.report import wording

    screen = console()
    layout.say(screen, (candidate.id, layout.HEAD))
    keys = [
        (key, str(getattr(candidate, key)))
        for key in ("provider", "family", "served_model", "served_by", "tier", "scope")
        if getattr(candidate, key) is not None
    ]
    keys.append(("capabilities", ", ".join(candidate.capabilities) or "none"))
    fields = [(name, wording.amount(value, vocabulary.fields[name].unit)) for name, value in candidate.fields.items()]
    screen.print(layout.rows(layout.table(("", "left"), ("", "left"), indent=4), [*keys, *sorted(fields)], indent=4))


def _show_all(snapshot: Snapshot, wanted: Sequence[int]) -> None:
    from policy_ir.cli import layout
    from policy_ir.report import wording

    screen = console()
    narrow = layout.narrow()
    columns: list[tuple[str, layout.Justify]] = [("candidate", "left"), ("USD per Mtok", "left"), ("context", "right")]
    columns += [] if narrow else [("tier", "left")]
    made = layout.table(*columns)
    lines = []
    for i in wanted:
        price_in, price_out, context = (_known(snapshot, i, field) for field in ("price_in", "price_out", "context"))
        price = wording.price(price_in, price_out).removeprefix("USD ").removesuffix(" per Mtok")
        cells = [snapshot.ids[i], price, "" if context is None else wording.number(context)]
        lines.append(cells if narrow else [*cells, snapshot.tier(i)])
    screen.print(layout.rows(made, lines))
    screen.print()
    counted = Counter(snapshot.provider(i) for i in wanted)
    providers = ", ".join(f"{name} {count}" for name, count in sorted(counted.items(), key=lambda p: (-p[1], p[0])))
    layout.say(screen, (wording.counted(len(wanted), "candidate"), layout.HEAD), f": {providers}")
    layout.fingerprints(
        screen,
        [
            ("snapshot", snapshot.fingerprint),
            ("catalogue", snapshot.catalogue_fingerprint),
            ("state", snapshot.state_fingerprint),
        ],
    )


def _known(snapshot: Snapshot, i: int, field: str) -> float | None:
    seen = snapshot.observe(i, field)
    return seen.value if seen.known and isinstance(seen.value, float) else None


# --- diff ----------------------------------------------------------------------------------------------------


@app.command("diff")
@verb
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A catalogue file, or `shipped`.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A catalogue file, or `shipped`.", show_default=False)],
    vocabulary: VocabularyName = None,
    check: Annotated[bool, typer.Option("--check", help="Exit with 3 if there is a difference.")] = False,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Show what changed between two catalogues.

    Candidates added and removed, and each value that differs.

    As JSON, an object with `added`, `removed`, `changed` (each with `id`, `what`, `old` and `new`) and `reordered`.
    """
    from policy_ir.catalogs import diff as compared

    inputs = Inputs()
    declared = inputs.vocabulary(vocabulary)
    found = compared(_candidates(inputs, old, declared), _candidates(inputs, new, declared))
    if format is Format.JSON:
        changed = [
            {"id": one.id, "what": one.what, "old": _plain(one.old), "new": _plain(one.new)} for one in found.changed
        ]
        write_json(
            {
                "added": list(found.added),
                "removed": list(found.removed),
                "changed": changed,
                "reordered": found.reordered,
            }
        )
    else:
        sys.stdout.write("".join(f"{legible(line)}\n" for line in _difference(found, declared)))
    return Exit.DOES_NOT_HOLD if check and found else Exit.FINE


def _candidates(inputs: Inputs, path: str, vocabulary: Vocabulary) -> Iterable[Candidate]:
    from policy_ir.catalogs import load_catalog, shipped_catalog

    if path == "shipped":
        return shipped_catalog().candidates(vocabulary)
    return load_catalog(inputs.claim(path, "a catalogue"), vocabulary).candidates(vocabulary)


def _plain(value: object) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _difference(found: Any, vocabulary: Vocabulary) -> Iterable[str]:
    from policy_ir.report import wording

    if not found:
        yield "no difference"
    for name in found.removed:
        yield f"- {name}"
    for name in found.added:
        yield f"+ {name}"
    last = None
    for one in found.changed:
        if one.id != last:
            yield f"~ {one.id}"
            last = one.id
        field = one.what.removeprefix("fields/")
        declared = vocabulary.fields.get(field) if field != one.what else None
        unit = None if declared is None else declared.unit
        yield f"    {field}: {wording.amount(one.old, unit)} -> {wording.amount(one.new, unit)}"
    if found.reordered:
        yield "the candidates that both have stand in another order"
