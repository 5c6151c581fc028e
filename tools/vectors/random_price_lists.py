"""Chapter Catalogue: price lists that two implementations once read differently, found by random documents."""

from __future__ import annotations

from typing import Any

from vectors.book import Book

Json = Any


def books() -> list[Book]:
    return [found_by_chance()]


# fmt: off
def found_by_chance() -> Book:
    book = Book("catalogue/import-meetings", "import", "Rules of importers that meet in one row, also under a vocabulary that declares little.")

    def one(name: str, comment: str, row: Json, capabilities: list[str], fields: Json, skipped: list[str], rules: list[str], *, vocabulary: str = "core", denies: Any = ()) -> None:
        book.add(name, comment, input={"vocabulary": vocabulary, "format": "litellm", "document": {"m": {"litellm_provider": "p", "mode": "chat", **row}}}, rules=rules, denies=denies,
                 result={"candidates": [{"id": "m", "provider": "p", "family": "m", "capabilities": capabilities, "fields": fields}], "skipped": [{"code": "PIR0609", "pointer": f"/m/{key}"} for key in skipped]})

    one("flag-denies-undeclared", "A flag of false counts before a list, also where no field shows the capability.", {"supports_audio_output": False, "supported_output_modalities": ["audio"]}, [], {}, [], ["import/flag", "litellm/modalities"])
    one("flag-denies", "A flag of false counts before a list.", {"supported_modalities": ["image"], "supports_vision": False}, [], {"supports_audio": False, "supports_video": False, "supports_vision": False}, [], ["import/flag", "litellm/modalities"], vocabulary="standard")
    one("null-column", "A key whose value is null is no column.", {"rpm": None, "tpm": 1}, [], {}, ["tpm"], ["import/column"])
    one("undeclared-column", "A key for a field that the vocabulary does not declare is a column, whatever its value.", {"max_output_tokens": -1, "cache_read_input_token_cost": "free", "deprecation_date": 5, "supported_regions": []}, [], {}, ["cache_read_input_token_cost", "deprecation_date", "max_output_tokens", "supported_regions"], ["import/column"], denies=["import/value"])
    one("declared-value", "The same values are reported each where the vocabulary declares the field.", {"max_output_tokens": -1, "cache_read_input_token_cost": "free", "deprecation_date": 5, "supported_regions": []}, [], {}, ["max_output_tokens", "cache_read_input_token_cost", "deprecation_date"], ["import/value", "import/deprecated", "import/limit", "import/price"], vocabulary="standard", denies=["import/column"])
    one("empty-date", "An empty date announces nothing.", {"deprecation_date": ""}, [], {}, ["deprecation_date"], ["import/value"], vocabulary="standard", denies=["import/deprecated"])
    one("no-region-of-none", "Of no regions none is reported.", {"supported_regions": []}, [], {}, [], ["litellm/region"], vocabulary="standard", denies=["import/value"])
    book.add("nothing-of-a-skipped-row", "Of a row that gives no candidate nothing else is reported.", rules=["import/row"], denies=["import/value", "import/column"],
             input={"format": "litellm", "document": {"m": {"litellm_provider": "", "mode": "chat", "supports_vision": 1, "rpm": 1}}},
             result={"candidates": [], "skipped": [{"code": "PIR0608", "pointer": "/m"}]})
    book.add("vertex-both", "Both endings of a Vertex model go.", rules=["litellm/vertex"],
             input={"format": "litellm", "document": {"vertex_ai/x-maas@default": {"litellm_provider": "vertex_ai", "mode": "chat"}}},
             result={"candidates": [{"id": "vertex_ai/x-maas@default", "provider": "vertex_ai", "family": "x", "served_model": "x-maas@default", "capabilities": [], "fields": {}}], "skipped": []})
    book.add("status-no-text", "A status that is no text is not imported.", rules=["import/value"], denies=["import/deprecated"],
             input={"format": "models.dev", "document": {"p": {"models": {"m": {"status": 5}}}}},
             result={"candidates": [{"id": "p/m", "provider": "p", "family": "m", "capabilities": [], "fields": {}}], "skipped": [{"code": "PIR0609", "pointer": "/p/models/m/status"}]})
    return book
