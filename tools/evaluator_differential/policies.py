"""Random policies in the wire syntax, about the fields and the values of a session's worlds."""

from __future__ import annotations

from math import inf, nextafter
from random import Random
from typing import Any

from evaluator_differential.pools import (
    CAPABILITIES,
    CATALOGUE_FLAGS,
    CATALOGUE_NUMBERS,
    FAMILIES,
    HOUSE,
    PROVIDERS,
    REASONS,
    RELATIONS,
    REQUEST_NUMBERS,
    ROUTES,
    STATE_FLAGS,
    STATE_NUMBERS,
    TAGS,
    some_of,
)
from evaluator_differential.worlds import Worlds

Term = list[Any]

FACTORS = (0.7, 0.3, 0.1, 0.5, 1.0, -1.0, 2.0, 0.0, -0.25, 1e-320, 1e308, 3.0)
CONSTANTS = (0.0, 1.0, -1.0, 0.5, 1e308, -1e308, 1e-7, 5e-324)
KNOWN = ("price_in", "latency_ms", "tok_s", "weight", "zone", "marks", "disabled", "region", "labels", "vip", "plan",
         "teams", "bucket", "prompt_tokens", "call_cost", "no_log", "supports_tools", "id")  # fmt: skip


class Policies:
    """Policies about some worlds, drawn from one generator."""

    def __init__(self, random: Random, worlds: Worlds) -> None:
        self.random = random
        self.worlds = worlds

    def policy(self) -> Term:
        """A policy; nearly every one is admitted."""
        random = self.random
        rank = ["zero"] if random.random() < 0.05 else self.rank()
        mutate = ["id"] if random.random() < 0.6 else self.xform(2)
        return ["policy", self.filter(), rank, self.selector(2), mutate, self.plan()]

    def floor(self) -> dict[str, Any]:
        """A floor's predicate, and sometimes its transform."""
        made: dict[str, Any] = {"filter": self.filter()}
        return made if self.random.random() < 0.6 else made | {"mutate": self.xform(1)}

    # --- predicates ------------------------------------------------------------------------------------------

    def filter(self) -> Term:
        """Mostly a conjunction of what real filters are made of."""
        kind = self.random.random()
        if kind < 0.1:
            return ["top"]
        if kind < 0.2:
            return self.pred(3)
        return ["and", *(self._mild() for _ in range(self.random.choice((1, 1, 2, 2, 3, 4, 6))))]

    def _mild(self) -> Term:
        """A predicate that leaves somebody as a rule."""
        random = self.random
        kind = random.random()
        if kind < 0.35:
            return self.pred(2)
        if kind < 0.5:
            return ["not", ["is", random.choice(("disabled", "breaker_open", "deprecated"))]]
        if kind < 0.7:
            field = random.choice(self.worlds.used)
            numbers = sorted(self.worlds.numbers[field])
            low = random.random() < 0.5
            return ["cmp", field, "ge" if low else "le", numbers[len(numbers) // 4 if low else -1 - len(numbers) // 4]]
        if kind < 0.85:
            return random.choice((["scope_matches"], ["meets_req"], ["min_tier", "fallback"]))
        return ["or", self.pred(1), self.pred(1), self._atom()]

    def pred(self, depth: int) -> Term:
        """A predicate of at most this depth."""
        random = self.random
        kind = random.random()
        if depth > 0 and kind < 0.22:
            op = random.choice(("or", "or", "and", "not", "not"))
            if op == "not":
                return ["not", self.pred(depth - 1)]
            return [op, *(self.pred(depth - 1) for _ in range(random.randint(1, 3)))]
        if kind < 0.36:
            flag = ["is", random.choice((*STATE_FLAGS, "disabled", "breaker_open"))]
            return ["not", flag] if random.random() < 0.8 else flag
        if kind < 0.56:
            return self._cmp()
        if kind < 0.6:
            return ["test", self.pointwise(2), random.choice(RELATIONS), random.choice((*CONSTANTS, *FACTORS))]
        return self._atom()

    def _cmp(self) -> Term:
        random = self.random
        kind = random.random()
        if kind < 0.75:
            field = random.choice(self.worlds.used)
        elif kind < 0.83:
            field = random.choice((*CATALOGUE_NUMBERS, *STATE_NUMBERS))
        elif kind < 0.95:
            field = random.choice(REQUEST_NUMBERS)
        else:
            return ["cmp", "call_cost", random.choice(RELATIONS), random.choice((0.0, 1e-6, 0.5, 1e300))]
        relation = random.choice(RELATIONS) if random.random() < 0.6 else random.choice(("le", "ge"))
        return ["cmp", field, relation, self._bound(field)]

    def _bound(self, field: str) -> float:
        """A number that candidates show, or one just beside it."""
        bound = self.random.choice(self.worlds.numbers[field])
        kind = self.random.random()
        if kind < 0.1:
            beside = nextafter(bound, inf if kind < 0.05 else -inf)
            return bound if beside in (inf, -inf) else beside
        return self.random.choice(CONSTANTS) if kind > 0.95 else bound

    def _atom(self) -> Term:
        random = self.random
        match random.randrange(15):
            case 0 | 1 | 2:
                return ["meets_req"]
            case 3 | 4:
                return ["scope_matches"]
            case 5:
                return ["provider_eq", random.choice(PROVIDERS)]
            case 6:
                return ["or", *(["provider_eq", one] for one in random.sample(PROVIDERS, 2))]
            case 7:
                return ["family_eq", random.choice(FAMILIES)]
            case 8:
                return ["served_by_eq", random.choice((*ROUTES, *PROVIDERS))] if random.random() < 0.8 else ["bot"]
            case 9:
                return [random.choice(("tier_eq", "min_tier")), random.choice(HOUSE.tiers)]
            case 10:
                return ["has_cap", random.choice(CAPABILITIES)]
            case 11:
                return ["is", random.choice((*CATALOGUE_FLAGS, "vip", "supports_tools", "supports_vision"))]
            case 12:
                return ["known", random.choice(KNOWN)]
            case 13:
                fields = ("region", "labels", "home", "zone", "marks", "plan", "teams")
                return ["tag_in", random.choice(fields), random.sample(TAGS, random.randint(1, 2))]
            case _:
                ids = self.worlds.ids
                if ids:
                    return ["tag_in", "id", random.sample(ids, min(len(ids), random.randint(1, 3)))]
                return ["is", "vip"]

    # --- scorers ---------------------------------------------------------------------------------------------

    def rank(self) -> Term:
        """Mostly a weighted sum of normalised fields."""
        random = self.random
        kind = random.random()
        if kind < 0.25:
            return self.scorer(3)
        if kind < 0.4:
            return self._normal()
        parts = [["scale", random.choice(FACTORS), self._normal()] for _ in range(random.randint(2, 4))]
        if random.random() < 0.2:
            parts.append(self.scorer(2))
        if random.random() < 0.15:
            parts.append(["lit", random.choice(CONSTANTS)])
        random.shuffle(parts)
        return ["normalize", ["add", *parts]] if kind > 0.95 else ["add", *parts]

    def _normal(self) -> Term:
        made = ["normalize", self._field() if self.random.random() < 0.85 else self.scorer(2)]
        return ["neg", made] if self.random.random() < 0.5 else made

    def _field(self) -> Term:
        random = self.random
        kind = random.random()
        if kind < 0.75:
            return ["field", random.choice(self.worlds.used)]
        if kind < 0.87:
            return ["field", "call_cost"]
        if kind < 0.95:
            return ["field", random.choice((*CATALOGUE_NUMBERS, *STATE_NUMBERS))]
        return ["field", random.choice(REQUEST_NUMBERS)]

    def scorer(self, depth: int, *, pointwise: bool = False) -> Term:
        """A scorer of at most this depth; `pointwise` has no `normalize`."""
        random = self.random
        if depth == 0 or random.random() < 0.25:
            kind = random.random()
            return self._field() if kind < 0.8 else ["lit", random.choice(CONSTANTS)] if kind < 0.95 else ["zero"]

        def inner() -> Term:
            return self.scorer(depth - 1, pointwise=pointwise)

        match random.randrange(6 if pointwise else 9):
            case 0:
                return ["scale", random.choice(FACTORS), inner()]
            case 1:
                return ["neg", inner()]
            case 2:
                lo, hi = sorted((random.choice(CONSTANTS), random.choice((*CONSTANTS, *FACTORS))))
                return ["clamp", lo, hi, inner()]
            case 3:
                return ["gate", self.pred(1), inner()]
            case 4 | 5:
                return ["add", *(inner() for _ in range(random.randint(1, 3)))]
            case _:
                return ["normalize", inner()]

    def pointwise(self, depth: int) -> Term:
        """A scorer for `test`."""
        return self.scorer(depth, pointwise=True)

    # --- selectors -------------------------------------------------------------------------------------------

    def selector(self, depth: int) -> Term:
        """A selector of at most this depth."""
        random = self.random
        kind = random.random()
        if kind < 0.45 or (depth == 0 and kind < 0.6):
            return ["argmax"]
        if kind < 0.52:
            return ["ordered"]
        if kind < 0.6:
            pairs = [{"provider": random.choice(PROVIDERS), "model": random.choice(FAMILIES)}
                     for _ in range(random.randint(1, 6))]  # fmt: skip
            return ["chain", pairs]
        if kind < 0.7 or depth == 0:
            return ["sample", random.choice((0.0, 0.3, 1.0, 5.0, 1e6))]
        if kind < 0.82:
            return ["top_k", random.choice((1, 2, 3, 8, 1000)), self.selector(depth - 1)]
        if kind < 0.92:
            return ["prefer", self.pred(1), self.selector(depth - 1)]
        return ["rank_by", self.scorer(2) if random.random() < 0.5 else self._normal(), self.selector(depth - 1)]

    # --- what happens to the request, and after a failure ------------------------------------------------------

    def xform(self, depth: int) -> Term:
        """A transform of at most this depth."""
        random = self.random
        match random.randrange(12 if depth else 8):
            case 0:
                return ["set_param", "temperature", random.choice((0.0, 0.5, 2))]
            case 1:
                return ["inject_seed", "seed"]
            case 2:
                return ["drop_param", random.choice(("top_p", "max_tokens"))]
            case 3:
                return ["clamp_param", "max_tokens", 1, random.choice((16, 4096))]
            case 4:
                return ["jitter", random.choice(("temperature", "top_p")), random.choice((0.0, 0.1, 1.0))]
            case 5:
                return ["filter_text", random.choice((["RedactPII"], ["RedactPII", {"TruncateText": 100}]))]
            case 6:
                return ["custom", random.choice(("Stamp", "Sign"))]
            case 7:
                return ["set_param", "reasoning_effort", "low"]
            case 8:
                return ["when", self.pred(1), self.xform(depth - 1)]
            case _:
                return ["seq", *(self.xform(depth - 1) for _ in range(random.randint(1, 3)))]

    def plan(self) -> Term:
        """A failure plan."""
        random = self.random
        made: Term = ["always", {"action": "next_candidate"}]
        for reason in some_of(random, REASONS, 2) if random.random() < 0.3 else ():
            action = random.choice((
                {"action": "retry_same", "attempts": 2, "backoff_ms": [100, 200], "then_action": "next_candidate"},
                {"action": "disable_provider"}, {"action": "abort"}, {"action": "next_provider_same_model"},
            ))  # fmt: skip
            made = ["override", made, reason, action]
        return made
