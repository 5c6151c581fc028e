"""Reference pages made from the package itself, so that they cannot drift: what replaces `<!-- made: NAME -->`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

import docs_router
from docs_cli import flow_presets, presets, reference
from docs_rules import outside_fences

import policy_ir
from policy_ir.diagnostics import CODES, Code, page
from policy_ir.signature import FEATURES, SIGNATURE, TERM_SORTS, Operation, operations_of
from policy_ir.vocabulary import FieldDeclaration, ParamDeclaration, Vocabulary, vocabulary

FAMILIES = {
    "PIR00": "Reading the input",
    "PIR01": "The text",
    "PIR02": "Well-sorted terms",
    "PIR03": "Bounds",
    "PIR04": "Vocabulary and admission",
    "PIR05": "Lints",
    "PIR06": "Catalogues",
    "PIR07": "Vocabulary files, facts, floors and seeds",
    "PIR08": "Canonical bytes and interoperation",
    "PIR09": "The router and its traces",
    "PIR10": "Flows",
}
"""The families of diagnostic codes, by the first five characters of the code."""

LANGUAGES = {
    "policy": "policy",
    "json": "json",
    "facts": "json",
    "vocabulary": "json",
    "catalogue": "json",
    "chat": "json",
    "floor": "json",
    "console": "console",
    "config": "toml",
    "call": "json",
}
"""The language that colours an example, by the kind its page gives it; anything else is plain text."""


def families() -> Iterable[tuple[str, list[Code]]]:
    """The codes by family, both in the order of the registry."""
    for prefix, codes in groupby(CODES.values(), key=lambda code: code.code[:5]):
        yield prefix, list(codes)


def codes_table() -> str:
    """Every code with its title and severity: the table of the specification's chapter."""
    out = []
    for prefix, codes in families():
        out += [f"### {prefix}: {FAMILIES[prefix].lower()}", "", "| code | severity | cause |", "|---|---|---|"]
        out += [
            f"| [`{code}`](../reference/diagnostics.md#{code}) | {code.severity.value} | {code.title} |"
            for code in codes
        ]
        out.append("")
    return "\n".join(out)


def code_pages() -> str:
    """The page of every code, one after the other."""
    out = []
    for prefix, codes in families():
        out += [f"## {FAMILIES[prefix]} ({prefix}) {{#{prefix}}}", ""]
        out += [_embedded(code) for code in codes]
    return "\n".join(out)


def _embedded(code: Code) -> str:
    """A code's page as a section: its title a heading of the third level, its own headings bold lines."""
    body = []
    for text, prose in outside_fences(page(code)):
        if prose:
            text = re.sub(r"^# .*$", f"### {code}: {code.title} {{#{code}}}", text, flags=re.MULTILINE)
            body.append(re.sub(r"^## (.*)$", r"**\1**", text, flags=re.MULTILINE))
        else:
            kind, _, rest = text.removeprefix("```").partition("\n")
            body.append(f"```{LANGUAGES.get(kind.strip(), 'text')}\n{rest}")
    return "".join(body).strip() + "\n"


def operations() -> str:
    """The signature: one table for each sort."""
    out = []
    for sort, cls in TERM_SORTS.items():
        out += [f"## {sort} {{#{sort}}}", "", (cls.__doc__ or "").strip(), ""]
        out += ["| operation | arguments | meaning | feature |", "|---|---|---|---|"]
        out += [_operation(row) for row in operations_of(sort)]
        out.append("")
    return "\n".join(out)


def _operation(row: Operation) -> str:
    arguments = ", ".join(_argument(row, index) for index in range(len(row.arguments))) or "none"
    name = f'<a class="rule" id="{row.op}" href="#{row.op}"><code>{row.op}</code></a>'
    return f"| {name} | {arguments} | {' '.join(row.about.split())} | {row.feature} |"


def _argument(row: Operation, index: int) -> str:
    argument = row.arguments[index]
    sort = argument.subsort.name if argument.subsort else argument.sort
    shown = f"[{sort}](#{argument.sort})" if argument.is_term else sort
    return f"*{argument.name}*: {shown}{', one or more' if argument.variadic else ''}"


def features() -> str:
    """The features with their operations."""
    out = ["| feature | operations |", "|---|---|"]
    for feature in FEATURES:
        names = [f"[`{row.op}`](#{row.op})" for row in SIGNATURE.values() if row.feature == feature]
        out.append(f"| {feature} | {', '.join(names)} |")
    return "\n".join(out)


def parameter_sorts() -> str:
    """The parameter sorts, with what a value of each is."""
    sorts = {
        argument.sort: argument for row in SIGNATURE.values() for argument in row.arguments if not argument.is_term
    }
    out = ["| sort | a value is | taken by |", "|---|---|---|"]
    for name, argument in sorts.items():
        users = [f"[`{row.op}`](#{row.op})" for row in SIGNATURE.values() if name in [a.sort for a in row.arguments]]
        out.append(
            f'| <a class="rule" id="{name}" href="#{name}">{name}</a> | {argument.expected} | {", ".join(users)} |'
        )
    return "\n".join(out)


def vocabularies() -> str:
    """The shipped vocabularies: what `core` declares, then what `standard` adds."""
    core, standard = vocabulary("core"), vocabulary("standard")
    return "\n".join([*_vocabulary(core, None), *_vocabulary(standard, core)])


def _vocabulary(shown: Vocabulary, base: Vocabulary | None) -> list[str]:
    def new(names: Iterable[str], inherited: Iterable[str]) -> list[str]:
        return [name for name in names if base is None or name not in inherited]

    out = [f"## {shown.name} {{#{shown.name}}}", "", f"Fingerprint `{shown.fingerprint}`."]
    out[-1] += "" if base is None else f" It has all of [`{base.name}`](#{base.name}), and:"
    names = new(shown.fields, base.fields if base else ())
    for source, where in SOURCES.items():
        if all(shown.fields[name].source != source for name in names):
            continue
        out += ["", f"### {shown.name}: fields {where}", ""]
        out += ["| field | sort | unit | default | what it is |", "|---|---|---|---|---|"]
        for name in names:
            field = shown.fields[name]
            if field.source == source:
                anchor = f'<a class="rule" id="field-{name}" href="#field-{name}"><code>{name}</code></a>'
                out.append(f"| {anchor} | {field.sort} | {field.unit or ''} | {_default(field)} | {field.about} |")
    if base is None or shown.tiers != base.tiers:
        out += [
            "",
            f"### {shown.name}: tiers",
            "",
            "From the lowest: " + ", ".join(f"`{t}`" for t in shown.tiers) + ".",
        ]
    if params := new(shown.params, base.params if base else ()):
        out += ["", f"### {shown.name}: request parameters", ""]
        out += ["| parameter | a value is | what it is |", "|---|---|---|"]
        out += [f"| `{name}` | {_range(shown.params[name])} | {shown.params[name].about} |" for name in params]
    if needs := new(shown.needs, base.needs if base else ()):
        out += ["", f"### {shown.name}: needs", "", "| need | capability that answers it |", "|---|---|"]
        out += [f"| `{name}` | `{shown.needs[name]}` |" for name in needs]
    if recipes := new(shown.recipes, base.recipes if base else ()):
        out += ["", f"### {shown.name}: filter steps", "", ", ".join(f"`{name}`" for name in recipes) + "."]
    if customs := new(shown.customs, base.customs if base else ()):
        out += ["", f"### {shown.name}: custom transforms", "", "| symbol | version |", "|---|---|"]
        out += [f"| `{name}` | {shown.customs[name]} |" for name in customs]
    return [*out, ""]


SOURCES = {
    "catalogue": "of the catalogue",
    "state": "of the host's state",
    "request": "of the request",
    "derived": "derived by a formula",
}


def _default(field: FieldDeclaration) -> str:
    match field.default:
        case None:
            return "none"
        case bool():
            return "true" if field.default else "false"
        case number:
            return "inf" if number == float("inf") else f"{number:g}"


def _range(param: ParamDeclaration) -> str:
    if param.choices:
        return "one of " + ", ".join(f"`{choice}`" for choice in param.choices)
    what = {"number": "a number", "integer": "an integral number", "string": "a string", "boolean": "a boolean"}[
        param.sort
    ]
    if param.minimum is not None and param.maximum is not None:
        return f"{what} from {param.minimum:.16g} to {param.maximum:.16g}"
    if param.minimum is not None:
        return f"{what} from {param.minimum:.16g}"
    return what if param.maximum is None else f"{what} to {param.maximum:.16g}"


def decisions() -> str:
    """The decision records, by number."""
    out = ["| | decision |", "|---|---|"]
    for path in decision_files():
        title = path.read_text("utf-8").partition("\n")[0].removeprefix("# ").partition(": ")[2]
        out.append(f"| {path.name[:4]} | [{title}]({path.name}) |")
    return "\n".join(out)


def decision_files() -> list[Path]:
    """The pages of the decision records, in order."""
    return sorted(Path(__file__).parents[1].joinpath("docs", "decisions").glob("[0-9]*.md"))


LIBRARY = {
    "Reading and printing": ("parse", "load", "fmt", "Document", "json_schema"),
    "Admission": (
        "get_vocabulary",
        "Vocabulary",
        "admit",
        "admit_policy",
        "check",
        "lint",
        "Admitted",
        "fingerprint_of",
    ),
    "The floor": ("read_floor", "effective"),
    "Flows": (
        "parse_flow",
        "load_flow",
        "fmt_flow",
        "Flow",
        "FlowDocument",
        "admit_flow",
        "check_flow",
        "lint_flow",
        "load_admitted_flow",
        "AdmittedFlow",
    ),
    "Catalogues": (
        "shipped_snapshot",
        "shipped_catalog",
        "load_catalog",
        "import_catalog",
        "Catalog",
        "Candidate",
        "Snapshot",
    ),
    "Requests": ("facts_of_chat", "read_facts", "Facts"),
    "Decisions": ("decide", "Decision", "explain"),
    "In a router": ("Evaluator", "Overlay"),
    "What goes wrong": ("Diagnostic", "Refused", "InternalError", "PolicyError"),
}
"""The public names by what they are for."""


def library() -> str:
    """The public names, each with its signature and what its docstring says."""
    missing = set(policy_ir.__all__) ^ {name for names in LIBRARY.values() for name in names}
    if missing:
        raise ValueError(f"the library page and policy_ir.__all__ differ in {sorted(missing)}")
    out = []
    for group, names in LIBRARY.items():
        out += [f"## {group}", ""]
        for name in names:
            value = getattr(policy_ir, name)
            out += [f"### {name} {{#{name}}}", "", "```python", _declaration(name, value), "```", ""]
            out += [inspect.getdoc(value) or "", ""]
    return "\n".join(out)


def _declaration(name: str, value: object) -> str:
    if not inspect.isclass(value):
        return f"def {name}{_signature(value)}"
    if issubclass(value, Exception):
        return f"class {name}(Exception)"
    if getattr(value, "_is_protocol", False):
        methods = [f"    def {key}{_signature(member)}: ..." for key, member in vars(value).items()
                   if inspect.isfunction(member) and not key.startswith("_")]  # fmt: skip
        return "\n".join([f"class {name}(Protocol):", *methods])
    return f"class {name}{_signature(value)}".replace(" -> None", "")


def _signature(value: object) -> str:
    """A signature on one line where it is short, else with a line for each parameter."""
    signature = inspect.signature(value)  # type: ignore[arg-type]
    parameters = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parameters:
            parameters.append("*")
        parameters.append(_parameter(parameter))
    result = "" if signature.return_annotation is signature.empty else f" -> {_type(signature.return_annotation)}"
    line = f"({', '.join(parameters)}){result}"
    return line if len(line) <= WIDTH else "\n".join(["(", *(f"    {part}," for part in parameters), f"){result}"])


def _parameter(parameter: inspect.Parameter) -> str:
    if parameter.annotation is parameter.empty:
        return parameter.name
    default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
    if "object at" in default or default == " = NOTHING":
        default = " = ..."
    return f"{parameter.name}: {_type(parameter.annotation)}{default}"


def _type(annotation: object) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:policy_ir|collections|typing)\.(?:\w+\.)*", "", text)


WIDTH = 66

MADE: dict[str, Callable[[], str]] = {
    "codes-table": codes_table,
    "code-pages": code_pages,
    "operations": operations,
    "features": features,
    "parameter-sorts": parameter_sorts,
    "library": library,
    "vocabularies": vocabularies,
    "decisions": decisions,
    "cli": reference,
    "presets": presets,
    "flow-presets": flow_presets,
    "router-configuration": docs_router.configuration,
    "router-kinds": docs_router.kinds,
    "router-example": docs_router.example,
}
"""What can stand in `<!-- made: NAME -->`."""
