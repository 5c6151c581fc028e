"""Random catalogues, states and requests, as JSON values. A world's ids name its session, so that no two are equal."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from evaluator_differential.pools import (
    CAPABILITIES,
    CATALOGUE_FLAGS,
    CATALOGUE_NUMBERS,
    FAMILIES,
    HOUSE,
    NEEDS,
    PROVIDERS,
    REQUEST_NUMBERS,
    ROUTES,
    SCOPES,
    STATE_FIELDS,
    STATE_FLAGS,
    STATE_NUMBERS,
    TAGS,
    numbers_of,
    some_of,
)

Value = Any
SEEDS = (0, 1, 2**31 - 1, 2**31 - 2, 2**31, 2**53 - 1, 7, 7.0)
BAD_SEEDS = (-1, 1.5, True, "1", 2**53)


class Worlds:
    """What one session is about: the fields that are in use, and the values that they take."""

    def __init__(self, random: Random, session: int) -> None:
        self.random = random
        self.session = session
        numeric = (*CATALOGUE_NUMBERS, *STATE_NUMBERS)
        self.numbers: Mapping[str, tuple[float, ...]] = {
            field: numbers_of(random, field) for field in (*numeric, *REQUEST_NUMBERS)
        }
        self.used = random.sample(numeric, random.randint(3, 7))
        self.density = random.choice((0.5, 0.8, 0.95, 1.0))
        self.share_set = random.choice((0.05, 0.05, 0.2, 0.5))
        self.ids: list[str] = []

    def size(self) -> int:
        """Mostly few candidates; now and then as many as vectors pay for."""
        kind = self.random.random()
        if kind < 0.95:
            return self.random.randint(0 if kind < 0.05 else 1, 12)
        return self.random.randint(40, 150) if kind < 0.9985 else self.random.randint(300, 900)

    def candidates(self, number: int, size: int) -> list[dict[str, Value]]:
        """A catalogue."""
        made = [self._candidate(f"s{self.session}.{number}.{i}") for i in range(size)]
        self.random.shuffle(made)
        self.ids += [one["id"] for one in made]
        return made

    def _candidate(self, id: str) -> dict[str, Value]:
        random = self.random
        made: dict[str, Value] = {"id": id, "provider": random.choice(PROVIDERS), "family": random.choice(FAMILIES)}
        if random.random() < 0.3:
            made["served_by"] = random.choice(ROUTES)
        if random.random() < 0.7:
            made["tier"] = random.choice((*HOUSE.tiers, "undeclared"))
        if random.random() < 0.3:
            made["scope"] = random.choice(SCOPES)
        made["capabilities"] = some_of(random, CAPABILITIES, 5)
        fields: dict[str, Value] = {
            field: random.choice(self.numbers[field]) for field in self.used if random.random() < self.density
        }
        fields |= {flag: random.random() < 0.5 for flag in CATALOGUE_FLAGS if random.random() < 0.4}
        fields |= {flag: True for flag in STATE_FLAGS if random.random() < self.share_set}
        if random.random() < 0.4:
            fields |= {"region": random.choice(TAGS), "labels": some_of(random, TAGS, 2)}
        if random.random() < 0.2:
            fields |= {"home": random.choice(TAGS), "zone": random.choice(TAGS), "marks": some_of(random, TAGS, 2)}
        made["fields"] = fields
        return made

    def state(self, candidates: list[dict[str, Value]]) -> dict[str, dict[str, Value]]:
        """An update of the state: candidate to field to value, None for no observation."""
        random = self.random
        fields = random.sample(STATE_FIELDS, random.randint(1, 4))
        if random.random() < 0.1:  # everybody of a provider is down
            down = random.choice(PROVIDERS)
            return {one["id"]: {"disabled": one["provider"] == down} for one in candidates}
        few = random.random() < 0.3
        return {
            one["id"]: {field: self._observation(field) for field in fields}
            for one in candidates
            if not few or random.random() < 0.3
        }

    def _observation(self, field: str) -> Value:
        random = self.random
        if random.random() > self.density:
            return None
        match field:
            case "zone":
                return random.choice(TAGS)
            case "marks":
                return some_of(random, TAGS, 2)
            case _ if field in STATE_FLAGS:
                return random.random() < self.share_set
            case _:
                return random.choice(self.numbers[field])

    # --- requests --------------------------------------------------------------------------------------------

    def requests(self, count: int) -> list[dict[str, Value]]:
        """Requests, each of a way of being made and a value; later ones are often of the shape of the first."""
        made = [self._request()]
        while len(made) < count:
            made.append(self._like(made[0]) if self.random.random() < 0.6 else self._request())
        return made

    def _request(self) -> dict[str, Value]:
        random = self.random
        kind = random.random()
        if kind < 0.1:
            return {"how": "none", "value": {}}
        value: dict[str, Value] = {}
        if random.random() < 0.4:
            value["needs"] = some_of(random, NEEDS, random.choice((1, 1, 2)))
        if random.random() < 0.4:
            value["min_context"] = random.choice((0.0, min(self.numbers["context"]), *self.numbers["context"]))
        if random.random() < 0.1:
            value["model_family"] = random.choice(FAMILIES)
        if random.random() < 0.1:
            value["tier"] = random.choice(HOUSE.tiers)
        if random.random() < 0.3:
            value["privacy"] = random.choice(("standard", "no_log", "tee_required"))
        if random.random() < 0.15:
            value["min_tok_s"] = random.choice((0.0, *self.numbers["tok_s"]))
        if random.random() < 0.3:
            value["scope"] = random.choice(SCOPES)
        value["fields"] = self._fields()
        how = "checked" if kind < 0.6 else "unchecked" if kind < 0.85 else "evolved" if kind < 0.95 else "bad"
        if how == "bad":
            return {"how": "unchecked", "value": value | self._wrong()}
        return {"how": how, "value": value}

    def _fields(self) -> dict[str, Value]:
        random = self.random
        fields: dict[str, Value] = {
            field: abs(random.choice(self.numbers[field])) for field in REQUEST_NUMBERS[:3] if random.random() < 0.5
        }
        if random.random() < 0.3:
            fields["prompt_tokens"] = random.choice((0, 1000, 0.0, -0.0))
        if random.random() < 0.3:
            fields["budget_left"] = random.choice(self.numbers["budget_left"])
        if random.random() < 0.3:
            fields |= {"vip": random.random() < 0.5, "plan": random.choice(TAGS), "teams": some_of(random, TAGS, 3)}
        return fields

    def _wrong(self) -> dict[str, Value]:
        return self.random.choice((
            {"privacy": "secret"}, {"needs": ["telepathy"]}, {"min_context": -1.0}, {"tier": "golden"},
            {"fields": {"price_in": 1.0}}, {"fields": {"bucket": 2.0}}, {"fields": {"vip": "yes"}},
            {"min_tok_s": float("inf")}, {"scope": ""}, {"privacy": "secret", "min_context": -1.0},
        ))  # fmt: skip

    def _like(self, request: dict[str, Value]) -> dict[str, Value]:
        value = dict(request["value"])
        if not value:
            return self._request()
        value["fields"] = self._fields() if self.random.random() < 0.7 else value["fields"]
        if "min_context" in value:
            value["min_context"] = self.random.choice((0.0, *self.numbers["context"]))
        return {"how": request["how"], "value": value}

    def seed(self, *, of_its_own: bool) -> Value:
        """A seed, or what is none; one of this session where nothing else tells its cases from another's."""
        if of_its_own:
            return 10**9 + self.session * 1000 + self.random.randint(0, 999)
        kind = self.random.random()
        if kind < 0.45:
            return None
        if kind < 0.65:
            return self.random.choice(SEEDS)
        return self.random.choice(BAD_SEEDS) if kind > 0.985 else self.random.randint(0, 2**53 - 1)
