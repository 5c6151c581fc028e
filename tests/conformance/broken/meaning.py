"""Mistakes in what a term means, and in what is done about failures."""

from __future__ import annotations

from broken import Change, flaw

SEMANTICS = (
    flaw(
        "reason-of-the-last",
        "Semantics",
        "gives the reason of the last conjunct that refuses, not of the first",
        "and/reject",
        Change(
            "semantics.predicates", "hole", "return preds[frame.at], frame.i", "return preds[-1 - frame.at], frame.i"
        ),
    ),
    flaw(
        "undefined-compares",
        "Semantics",
        "finds undefined unlike every number",
        "Undefined",
        Change("semantics.scores", "holds", "return a < b or a > b", "return a != b"),
    ),
    flaw(
        "infinite-bounds",
        "Semantics",
        "takes infinities for the ends of the scale, on which all that is finite becomes 0 or undefined",
        "Infinite",
        Change("semantics.scores", "normalize", "[score for score in defined if isfinite(score)]", "list(defined)"),
    ),
    flaw(
        "spread-overflows",
        "Semantics",
        "scales a spread beyond binary64 without halving it first",
        "Overflow normalize/halve",
        Change("semantics.scores", "normalize", "if isinf(hi - lo):", "if False:"),
    ),
    flaw(
        "equal-scores-are-one",
        "Semantics",
        "normalizes equal scores to 1",
        "AllEqual Single",
        Change(
            "semantics.scores",
            "normalize",
            "score if isnan(score) else 0.0 for score",
            "score if isnan(score) else 1.0 for score",
        ),
    ),
    flaw(
        "sums-from-the-right",
        "Semantics",
        "adds from the right",
        "Rounding",
        Change(
            "semantics.scorers",
            "hole",
            "return scorers[frame.at], frame.members",
            "return scorers[-1 - frame.at], frame.members",
        ),
    ),
    flaw(
        "exact-sums",
        "Semantics",
        "adds without rounding in between, as `fsum` does",
        "Rounding",
        Change(
            "semantics.scorers",
            "resume",
            "total = tuple(map(plus, total, vector))",
            "import math\n"
            "            total = tuple((*(t if isinstance(t, tuple) else ()), s) for t, s in zip(total, vector))\n"
            "            if frame.at + 1 == len(scorers):\n"
            "                total = tuple(math.fsum(t) if all(map(math.isfinite, t)) else sum(t) for t in total)",
        ),
    ),
    flaw(
        "wrong-tie-break",
        "Semantics",
        "turns the order of equal scores round",
        "TieBreak Stable",
        Change("semantics.scores", "descending", "sorted(entries, key", "sorted(reversed(list(entries)), key"),
    ),
    flaw(
        "unstable-sort",
        "Semantics",
        "puts equal scores in the order of the catalogue, wherever they stood before",
        "Stable TieBreak",
        Change(
            "semantics.scores",
            "descending",
            "(1, 0.0) if isnan(entry[1]) else (0, -entry[1])",
            "(1, 0.0, entry[0]) if isnan(entry[1]) else (0, -entry[1], entry[0])",
        ),
    ),
    flaw(
        "undefined-first",
        "Semantics",
        "puts candidates with an undefined score first",
        "Undefined",
        Change("semantics.scores", "descending", "(1, 0.0) if isnan", "(-1, 0.0) if isnan"),
    ),
    flaw(
        "undefined-is-zero",
        "Semantics",
        "sorts undefined scores as 0",
        "Undefined",
        Change("semantics.scores", "descending", "(1, 0.0) if isnan", "(0, 0.0) if isnan"),
    ),
    flaw(
        "chain-last-wins",
        "Semantics",
        "ranks the candidates of a chain from its end",
        "select/chain",
        Change("semantics.selectors", "_chain", "-float(at)", "float(at)"),
    ),
    flaw(
        "generator-not-warm",
        "Semantics",
        "uses the first four numbers of the generator, which the language passes over",
        "Seeded",
        Change("semantics.draws", "Stream.__init__", "range(DISCARDED)", "range(0)"),
    ),
    flaw(
        "weights-stay",
        "Semantics",
        "draws the next candidate with the weights of all, as if none had been drawn",
        "Seeded",
        Change("semantics.draws", "sample", "del weights[place]", "weights.pop()"),
    ),
    flaw(
        "boolean-is-a-number",
        "Semantics",
        "takes `true` in a request for the number 1",
        "clamp_param/skip jitter/set",
        Change("semantics.transforms", "numeric", "isinstance(value, bool) or ", ""),
    ),
    flaw(
        "when-does-not-look",
        "Semantics",
        "carries out what a `when` guards in any case",
        "when/skip",
        Change("semantics.transforms", "resume", "if isinstance(verdict_of(value), Reject):", "if False:"),
    ),
    flaw(
        "work-without-draws",
        "Semantics",
        "counts no work for the draws of a `sample`",
        "select/sample PIR0309 sample",
        Change("semantics.work", "work", "drawn += demand", "drawn += 0"),
    ),
)

DECISIONS = (
    flaw(
        "cut-as-it-happened",
        "Decisions",
        "lists what was cut in the order of the cuts, not in that of the catalogue",
        "decision/done decision/1 select/top_k",
        Change("semantics.policies", "resume", "tuple(sorted(ranking.cuts))", "ranking.cuts"),
    ),
    flaw(
        "one-retry-more",
        "Decisions",
        "retries once more than the plan allows",
        "retry_same/again retry_same/then",
        Change("failover", "next_of", "if retries < (", "if retries <= ("),
    ),
    flaw(
        "backoffs-from-the-start",
        "Decisions",
        "starts the list of backoffs again where it ends",
        "retry_same/again",
        Change("failover", "_backoff", "backoff[min(retries, len(backoff) - 1)]", "backoff[retries % len(backoff)]"),
    ),
    flaw(
        "same-provider-again",
        "Decisions",
        "goes on with the provider that failed where another is asked for",
        "next_provider_same_model/advance next_provider_same_model/stop",
        Change("failover", "_leave", " and routes[j].provider != here.provider", ""),
    ),
)
