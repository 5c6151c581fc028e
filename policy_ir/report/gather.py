"""From an explanation to an answer: causes grouped by clause, the score beside its nearest rivals, the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy_ir.report import wording
from policy_ir.report.answer import Answer, Cause, Finding, Part
from policy_ir.report.clauses import Words
from policy_ir.report.entries import entry_of, label_of, ordered_entries
from policy_ir.report.places import Places
from policy_ir.report.reasons import why
from policy_ir.syntax.document import Document
from policy_ir.terms import FieldScore, Test

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policy_ir.decision import Decision
    from policy_ir.evidence import Evidence
    from policy_ir.explanation import Explanation, Refusal
    from policy_ir.explanation.scores import Part as ScorePart
    from policy_ir.terms import Term

COMPARED = 3
"""How many of the order have their scores broken down side by side."""


def answer_of(explanation: Explanation) -> Answer:
    """Everything that is told about a decision. Takes time in proportion to the candidates."""
    decision = explanation.decision
    program = decision.program
    documents = program.documents
    places = Places(documents)
    order = ordered_entries(decision)
    choice = explanation.choice
    compared = order[:COMPARED]
    decides = decision.term.rank.origin if choice is None else choice.origin
    return Answer(
        policy=documents.get("policy", Document(name="policy")),
        floor=documents.get("floor"),
        size=decision.snapshot.size,
        chosen=order[0] if order else None,
        why=why(explanation, places),
        order=order,
        cut=tuple((entry_of(decision, cut.index, cut.score), cut.by) for cut in explanation.cut),
        causes=causes_of(decision, explanation.refused, places),
        by_rank=not order or explanation.score(0).by == "rank",
        compared=compared,
        parts=score_rows([explanation.score(at).parts for at in range(len(compared))], places),
        decides=places.of(decides),
        request=tuple(_request(decision)),
        fingerprints=tuple(identities(decision)),
        seed=decision.seed,
    )


def words_of(decision: Decision, evidences: Iterable[Evidence], places: Places) -> Words:
    """The words for a decision: the subject of each `test` as its author wrote it."""
    subjects: dict[str, str] = {}
    for evidence in evidences:
        for atom in evidence.atoms():
            if isinstance(atom.node, Test) and atom.clause is not None and atom.clause.subject not in subjects:
                place = places.of(atom.node.scorer.origin)
                if place is not None and place.text:
                    subjects[atom.clause.subject] = place.text
    return Words(decision.environment.vocabulary, subjects)


# --- refusals ------------------------------------------------------------------------------------------------


def causes_of(decision: Decision, refused: Sequence[Refusal], places: Places) -> tuple[Cause, ...]:
    """Refusals by the clause that decided and its reason, most candidates first."""
    words = words_of(decision, (remedy.evidence for refusal in refused for remedy in refusal.remedies), places)
    groups: dict[tuple[object, str], list[Refusal]] = {}
    for refusal in refused:
        groups.setdefault((refusal.remedies[0].evidence.origin, refusal.reason), []).append(refusal)
    causes = [_cause(decision, group, words, places) for group in groups.values()]
    return tuple(sorted(causes, key=lambda cause: -len(cause.findings)))


def _cause(decision: Decision, group: Sequence[Refusal], words: Words, places: Places) -> Cause:
    first = group[0]
    evidence = first.remedies[0].evidence
    asked = first.deciding if first.deciding.check is not None else evidence
    place = places.of(evidence.origin)
    return Cause(
        reason=first.reason,
        label=label_of(first.reason, place),
        sentence=words.asked(asked),
        place=place,
        by_floor=evidence.by_floor,
        findings=tuple(finding_of(decision, refusal, words) for refusal in group),
    )


def finding_of(decision: Decision, refusal: Refusal, words: Words) -> Finding:
    """What was observed of one refused candidate, and what would have to change."""
    return Finding(
        entry=entry_of(decision, refusal.index),
        observed=words.seen(refusal.deciding),
        changes=tuple(words.needed(refusal.remedies)),
    )


# --- scores --------------------------------------------------------------------------------------------------


def score_rows(scores: Sequence[Sequence[ScorePart]], places: Places) -> tuple[Part, ...]:
    """The summands of the score, and under each the fields that it reads, candidate beside candidate.

    Summands are in the order in which their author wrote them.
    """
    rows: list[Part] = []
    summands = [(places.of(same[0].origin), same) for same in zip(*scores, strict=True)]
    summands.sort(key=lambda summand: -1 if summand[0] is None or summand[0].start is None else summand[0].start)
    for place, same in summands:
        rows.append(
            Part(
                label=(place.text if place is not None else "") or _weighted(same[0]),
                depth=0,
                place=place,
                values=tuple(part.value for part in same),
                texts=tuple(wording.score(part.value) for part in same),
            )
        )
        direct = _read_directly(same[0].node)
        for seen in zip(*(part.observed for part in same), strict=True):
            if seen[0].name not in direct:
                continue
            texts = [
                wording.amount(one.value, one.unit) if one.known else f"{wording.UNKNOWN} ({wording.amount(one.value)})"
                for one in seen
            ]
            rows.append(Part(label=seen[0].name, depth=1, place=place, values=(), texts=tuple(texts)))
    return tuple(rows)


def _weighted(part: ScorePart) -> str:
    return part.label if part.weight == 1 else f"{wording.number(part.weight)} * {part.label}"


def _read_directly(node: Term) -> set[str]:
    """The fields that the term names, without those that the formula of a derived field reads."""
    from policy_ir.signature import subterms_of

    found: set[str] = set()
    waiting = [node]
    while waiting:
        term = waiting.pop()
        if isinstance(term, FieldScore):
            found.add(term.field)
        waiting.extend(subterms_of(term))
    return found


# --- the request and what identifies the decision ------------------------------------------------------------


def _request(decision: Decision) -> Iterable[tuple[str, str]]:
    facts = decision.environment.facts
    words = Words(decision.environment.vocabulary)
    for name, value in facts.record().items():
        if name == "fields" or value in ([], "standard"):
            continue
        yield name, wording.amount(value, words.unit(name))
    for name, value in facts.fields.items():
        yield name, wording.amount(value, words.unit(name))


def identities(decision: Decision) -> Iterable[tuple[str, str]]:
    """The fingerprints of everything that makes the decision, and its own last."""
    yield "policy", decision.policy
    if decision.effective != decision.policy:
        yield "effective", decision.effective
    yield "vocabulary", decision.vocabulary
    yield "snapshot", decision.snapshot_fingerprint
    yield "facts", decision.facts
    yield "decision", decision.fingerprint
