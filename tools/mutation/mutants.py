"""The mutants of a module, by mutmut's own visitor and operators, each as the source of one changed function.

mutmut writes all mutants of a file into one file and chooses between them at each call, which costs every call time
and two frames of stack; here a mutant is swapped in as the code of its function (`swap.py`), so only the source is
kept. What mutmut leaves alone is left alone: decorated functions, annotations, and code outside of functions.
"""

from __future__ import annotations

import difflib
import hashlib
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut import configuration
from mutmut.mutation.file_mutation import Mutation, create_mutations, deep_replace

from mutation.places import module_of, room_of
from mutation.words import Words

# mutmut wants to be told where its sources are even if it is only asked about one text.
configuration._guess_source_paths = lambda: ["policy_ir"]  # type: ignore[attr-defined]


def mutants_of(file: Path, words: Words) -> list[dict[str, Any]]:
    """The mutants of a file, as records.

    `key` names a mutant by its module, its function and a digest of the change, so that it stays the same as long as
    its function does. `lines` are those of the statement that is changed: a run that takes none of them is not
    affected. `words` says that what is changed reaches nothing but the words of a diagnostic.
    """
    module = module_of(file)
    tree, mutations, _, _ = create_mutations(str(file), file.read_text("utf-8"))
    wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
    positions, parents = wrapper.resolve(PositionProvider), wrapper.resolve(ParentNodeProvider)
    records, seen = [], set()
    for mutation in mutations:
        function = mutation.contained_by_top_level_function
        if not isinstance(function, cst.FunctionDef):
            continue
        owner = parents[parents[function]] if isinstance(parents[function], cst.IndentedBlock) else None
        name = f"{owner.name.value}.{function.name.value}" if isinstance(owner, cst.ClassDef) else function.name.value
        bare = function.with_changes(leading_lines=())
        before = cst.Module([]).code_for_node(bare)
        after = cst.Module([]).code_for_node(deep_replace(bare, mutation.original_node, mutation.mutated_node))
        change = _change(before, after)
        # The line that is changed may stand twice in a function; its number in the function tells them apart.
        digest = hashlib.sha256(f"{before}\0{after}".encode()).hexdigest()[:12]
        key = f"{module}:{name}:{digest}"
        if before == after or key in seen:
            continue
        seen.add(key)
        spot = _spot(mutation, positions)
        records.append(
            {
                "key": key,
                "room": room_of(module),
                "module": module,
                "function": name,
                "line": spot.start.line,
                "lines": _lines(mutation.original_node, positions, parents),
                "change": change,
                "words": words.holds(file, (spot.start.line, spot.start.column), (spot.end.line, spot.end.column)),
                "start": positions[function].start.line,
                "end": positions[function].end.line,
                "source": after,
            }
        )
    return records


def _change(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line[0] + line[1:].strip() for line in list(lines)[2:] if not line.startswith("@@")]


def _spot(mutation: Mutation, positions: Any) -> CodeRange:
    """The smallest place that holds the change: of a call, the argument that was changed or dropped."""
    old, new = mutation.original_node, mutation.mutated_node
    if isinstance(old, cst.Call) and isinstance(new, cst.Call) and old.func is new.func:
        changed = [arg for arg in old.args if all(arg is not kept for kept in new.args)]
        if len(changed) == 1:
            return positions[changed[0]]  # type: ignore[no-any-return]
    if isinstance(old, cst.Assign | cst.AnnAssign) and old.value is not None:
        return positions[old.value]  # type: ignore[no-any-return]
    return positions[old]  # type: ignore[no-any-return]


def _lines(node: cst.CSTNode, positions: Any, parents: Any) -> list[int]:
    """First and last line of the statement around a node; of a compound statement, of the part of its head."""
    part = node
    while not isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement | cst.MatchCase | cst.ExceptHandler):
        part, node = node, parents[node]
    place = positions[part if isinstance(node, cst.BaseCompoundStatement | cst.MatchCase) else node]
    return [min(positions[node].start.line, place.start.line), place.end.line]
