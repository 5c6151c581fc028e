"""Vectors of the importers of price lists: of OpenRouter, of models.dev, and what all formats have in common."""

from __future__ import annotations

from collections.abc import Sequence

from vectors.book import Book
from vectors.world import Json

# fmt: off


def books() -> list[Book]:
    """The books of this module."""
    return [_openrouter(), _models_dev(), _prices(), _formats()]


IGNORED, SKIPPED = "PIR0609", "PIR0608"


def found(*pointers: str) -> list[dict[str, Json]]:
    """Findings from texts, `CODE POINTER`."""
    pairs = [one.partition(" ")[::2] for one in pointers]
    return [{"code": code, "pointer": pointer} for code, pointer in pairs]


def _openrouter() -> Book:
    book = Book("catalogue/openrouter", kind="import", about="Models of OpenRouter's list.")

    def read(name: str, comment: str, rows: Json, made: Json, skipped: Sequence[str], rules: Sequence[str], **rest: Json) -> None:
        book.add(name, comment, input={"format": "openrouter", "document": {"data": rows}}, rules=rules,
                 result={"candidates": made, "skipped": found(*skipped)}, **rest)

    def given(model: str, family: str, capabilities: Sequence[str] = (), **fields: Json) -> dict[str, Json]:
        made = {"id": f"openrouter/{model}", "provider": "openrouter", "family": family}
        return made | ({} if model == family else {"served_model": model}) | {
            "capabilities": list(capabilities), "fields": fields}

    read("least", "A model with an id is a candidate.", [{"id": "m"}], [given("m", "m")], [],
         ["openrouter/rows", "openrouter/id"], near=["PIR0607", "PIR0608"])
    read("empty", "A list of no models is a list.", [], [], [], ["import/format"], flags=["Empty"], near=["PIR0607"])
    read("variant", "The family is read off without a colon and what follows it.", [{"id": "maker/Model-X:free"}],
         [given("maker/Model-X:free", "model-x")], [], ["openrouter/family", "family/segment"])
    read("dated-variant", "A date goes after the colon went.", [{"id": "maker/x-2025-08-07:thinking"}],
         [given("maker/x-2025-08-07:thinking", "x")], [], ["openrouter/family", "family/date"])
    read("colon-first", "A name that begins with a colon is not cut to nothing.", [{"id": ":free"}],
         [given(":free", ":free")], [], ["openrouter/id"], denies=["openrouter/family"])
    for name, row in (("no-object", 5), ("no-id", {"name": "m"}), ("id-number", {"id": 5}), ("null-row", None)):
        read(f"row-{name}", "A row without an id is reported by its place.", [{"id": "m"}, row], [given("m", "m")],
             [f"{SKIPPED} /data/1"], ["import/row"], denies=["openrouter/rows", "openrouter/id"])
    read("row-no-text", "A model that gives no text is reported.",
         [{"id": "e", "architecture": {"output_modalities": ["image"]}}], [], [f"{SKIPPED} /data/0"], ["import/row"],
         denies=["openrouter/rows"])
    read("row-empty-id", "An empty id gives a candidate no model's name.", [{"id": ""}], [], [f"{SKIPPED} /data/0"],
         ["import/row"])
    read("twice", "Of two rows with one id the first counts.",
         [{"id": "m", "context_length": 5}, {"id": "m", "context_length": 6}], [given("m", "m", context=5)],
         [f"{SKIPPED} /data/1"], ["import/twice"])
    read("not-twice", "Rows with different ids both count.", [{"id": "m:a"}, {"id": "m"}],
         [given("m", "m"), given("m:a", "m")], [], ["import/order"], denies=["import/twice"])
    read("prices", "Prices are decimal texts per token.",
         [{"id": "m", "pricing": {"prompt": "0.00000015", "completion": "0.0000006", "input_cache_read": "0"}}],
         [given("m", "m", price_cache_read=0, price_in=0.15, price_out=0.6)], [], ["import/price"])
    read("variable", "A price of -1 depends on the call, and is not imported.",
         [{"id": "m", "pricing": {"prompt": "-1", "completion": -1}}], [given("m", "m")],
         [f"{IGNORED} /data/0/pricing/prompt", f"{IGNORED} /data/0/pricing/completion"],
         ["openrouter/variable", "import/value"], denies=["import/price"])
    read("price-free", "A price of 0 is a price, and not one that depends on the call.",
         [{"id": "m", "pricing": {"prompt": "0"}}], [given("m", "m", price_in=0)], [], ["import/price"],
         denies=["openrouter/variable"])
    read("other-prices", "Prices of other things are a column each.",
         [{"id": "m", "pricing": {"image": "0.1", "web_search": "0"}}, {"id": "n", "pricing": {"image": "0.2"}}],
         [given("m", "m"), given("n", "n")], [f"{IGNORED} /data/0/pricing/image", f"{IGNORED} /data/0/pricing/web_search"],
         ["import/column"])
    read("limits", "The context and the greatest output.",
         [{"id": "m", "context_length": 128000, "top_provider": {"max_completion_tokens": 4096, "context_length": 9}}],
         [given("m", "m", context=128000, max_output=4096)], [], ["import/limit"])
    read("limits-zero", "Limits of 0 and null are none.",
         [{"id": "m", "context_length": 0, "top_provider": {"max_completion_tokens": None}}], [given("m", "m")],
         [f"{IGNORED} /data/0/context_length"], ["import/value"], denies=["import/limit"])
    names = ["tools", "parallel_tool_calls", "response_format", "structured_outputs", "reasoning", "logprobs", "seed"]
    caps = {"tools": "supports_tools", "parallel_tool_calls": "supports_parallel_tools",
            "response_format": "supports_json_mode", "structured_outputs": "supports_structured_outputs",
            "reasoning": "supports_reasoning", "logprobs": "supports_logprobs", "seed": "supports_seed"}
    read("all-parameters", "Parameters that are listed are capabilities.", [{"id": "m", "supported_parameters": [*names, "top_k"]}],
         [given("m", "m", sorted(caps.values()))], [], ["openrouter/lists", "import/flag"])
    read("no-parameters", "Parameters that are not listed are known to be missing.",
         [{"id": "m", "supported_parameters": []}], [given("m", "m", **dict.fromkeys(sorted(caps.values()), False))], [],
         ["openrouter/lists"], flags=["Empty"])
    read("unlisted", "Where there is no list nothing is known.", [{"id": "m", "supported_parameters": None}],
         [given("m", "m")], [], ["import/flag"], denies=["openrouter/lists"])
    read("structured-alone", "A list is complete: structured outputs without a response format is no mode of JSON.",
         [{"id": "m", "supported_parameters": ["structured_outputs"]}],
         [given("m", "m", ["supports_structured_outputs"], **{name: False for name in sorted(caps.values())
                                                              if name != "supports_structured_outputs"})], [],
         ["openrouter/lists"], denies=["import/json-mode"])
    read("modalities", "Modalities are complete lists, too.",
         [{"id": "m", "architecture": {"input_modalities": ["text", "image", "file"], "output_modalities": ["text", "audio"]}}],
         [given("m", "m", ["supports_audio_output", "supports_file", "supports_vision"], supports_audio=False,
                supports_image_output=False, supports_video=False)], [], ["openrouter/lists"])
    read("wrong-parts", "Parts of another shape are reported, and the row is imported.",
         [{"id": "m", "architecture": "text", "pricing": 5, "top_provider": [], "supported_parameters": "tools"}],
         [given("m", "m")], [f"{IGNORED} /data/0/{part}" for part in (
             "architecture", "pricing", "top_provider", "supported_parameters")], ["import/value"])
    read("wrong-modalities", "Modalities that are no list are reported.",
         [{"id": "m", "architecture": {"output_modalities": "text", "input_modalities": {}}}], [given("m", "m")],
         [f"{IGNORED} /data/0/architecture/output_modalities", f"{IGNORED} /data/0/architecture/input_modalities"],
         ["import/value"], denies=["openrouter/lists"])
    read("deprecated", "A model with a date of expiration is deprecated.", [{"id": "m", "expiration_date": "2027-01-01"}],
         [given("m", "m", deprecated=True)], [], ["import/deprecated"])
    read("not-deprecated", "A date of expiration of null is none.", [{"id": "m", "expiration_date": None}],
         [given("m", "m")], [], ["openrouter/rows"], denies=["import/deprecated"])
    read("columns", "Keys that nothing corresponds to are columns, names and descriptions are not.",
         [{"id": "m", "name": "M", "description": "d", "created": 1, "canonical_slug": "m", "links": {}, "knowledge": 1}],
         [given("m", "m")], [f"{IGNORED} /data/0/knowledge"], ["import/column"])
    return book


def _models_dev() -> Book:
    book = Book("catalogue/models-dev", kind="import", about="Models of models.dev's file.")

    def read(name: str, comment: str, document: Json, made: Json, skipped: Sequence[str], rules: Sequence[str], **rest: Json) -> None:
        book.add(name, comment, input={"format": "models.dev", "document": document}, rules=rules,
                 result={"candidates": made, "skipped": found(*skipped)}, **rest)

    def one(name: str, comment: str, row: Json, skipped: Sequence[str], rules: Sequence[str], made: Json, **rest: Json) -> None:
        read(name, comment, {"p": {"models": {"m": row}}}, [made], skipped, rules, **rest)

    def given(capabilities: Sequence[str] = (), **fields: Json) -> dict[str, Json]:
        return {"id": "p/m", "provider": "p", "family": "m", "capabilities": list(capabilities), "fields": fields}

    one("least", "A model of a provider is a candidate.", {}, [], ["models-dev/rows", "models-dev/id"], given(),
        near=["PIR0607", "PIR0608"])
    read("no-models", "A provider without models is reported, and the others are read.",
         {"p": {"models": {"m": {}}}, "q": {"name": "Q"}, "r": 5, "s": {"models": []}}, [given()],
         [f"{SKIPPED} /q", f"{SKIPPED} /r", f"{SKIPPED} /s"], ["import/row"])
    one("name-and-family", "The family is read off the key, and not off the file's own word for it.",
        {"family": "gpt", "id": "other", "name": "M"}, [], ["models-dev/family", "models-dev/id"], given())
    read("family-of-key", "The family is the last segment of the key, without a date.",
         {"p": {"models": {"maker/Model-2025-08-07": {}}}},
         [{"id": "p/maker/Model-2025-08-07", "provider": "p", "family": "model", "served_model": "maker/Model-2025-08-07",
           "capabilities": [], "fields": {}}], [], ["models-dev/family", "family/date", "family/segment"],
         denies=["litellm/model"])
    one("prices", "Prices are per million tokens already.", {"cost": {"input": 0.15, "output": 0.6, "cache_read": 0}}, [],
        ["import/price"], given(price_cache_read=0, price_in=0.15, price_out=0.6))
    one("other-costs", "Costs of other things are a column each.", {"cost": {"input": 1, "reasoning": 2, "audio": 3}},
        [f"{IGNORED} /p/models/m/cost/audio", f"{IGNORED} /p/models/m/cost/reasoning"], ["import/column"],
        given(price_in=1))
    one("limits", "Limits of context and output.", {"limit": {"context": 128000, "output": 4096}}, [], ["import/limit"],
        given(context=128000, max_output=4096))
    one("limits-zero", "A limit of 0 is reported, and another one is a column.", {"limit": {"context": 0, "input": 5}},
        [f"{IGNORED} /p/models/m/limit/context", f"{IGNORED} /p/models/m/limit/input"], ["import/value", "import/column"],
        given(), denies=["import/limit"])
    one("flags", "Flags that are true are capabilities.", {"tool_call": True, "reasoning": True}, [], ["import/flag"],
        given(["supports_reasoning", "supports_tools"]))
    one("flags-false", "Flags that are false are known to be missing.", {"tool_call": False, "reasoning": False}, [],
        ["import/flag"], given(supports_reasoning=False, supports_tools=False))
    one("structured", "A model that answers by a schema has the mode of JSON, too.", {"structured_output": True}, [],
        ["import/json-mode"], given(["supports_json_mode", "supports_structured_outputs"]))
    one("not-structured", "A model that does not may still have the mode of JSON.", {"structured_output": False}, [],
        ["import/flag"], given(supports_structured_outputs=False), denies=["import/json-mode"])
    one("modalities", "Modalities are complete lists.", {"modalities": {"input": ["text", "pdf"], "output": ["text", "image"]}},
        [], ["import/flag"], given(["supports_file", "supports_image_output"], supports_audio=False,
                                   supports_audio_output=False, supports_video=False, supports_vision=False))
    read("no-text", "A model that gives no text is reported.",
         {"p": {"models": {"m": {}, "e": {"modalities": {"output": ["image"]}}}}}, [given()],
         [f"{SKIPPED} /p/models/e"], ["import/row"], denies=["models-dev/rows", "models-dev/family"])
    read("row-no-object", "A model that is no object is reported.", {"p": {"models": {"m": {}, "e": 5}}}, [given()],
         [f"{SKIPPED} /p/models/e"], ["import/row"], denies=["models-dev/rows"])
    read("twice", "Of two rows with one id the first counts.",
         {"p": {"models": {"q/m": {"open_weights": True}}}, "p/q": {"models": {"m": {}}}},
         [{"id": "p/q/m", "provider": "p", "family": "m", "served_model": "q/m", "capabilities": [],
           "fields": {"open_weights": True}}], [f"{SKIPPED} /p~1q/models/m"], ["import/twice"], denies=["models-dev/id"])
    one("weights", "Open weights are a field.", {"open_weights": False}, [], ["models-dev/rows"], given(open_weights=False))
    one("weights-text", "Open weights that are no boolean are reported.", {"open_weights": "yes"},
        [f"{IGNORED} /p/models/m/open_weights"], ["import/value"], given())
    one("deprecated", "A status of deprecated is deprecated.", {"status": "deprecated"}, [], ["import/deprecated"],
        given(deprecated=True))
    one("beta", "Another status announces no end.", {"status": "beta"}, [], ["models-dev/rows"], given(),
        denies=["import/deprecated"])
    one("wrong-parts", "Parts of another shape are reported.", {"cost": 1, "limit": "x", "modalities": ["text"]},
        [f"{IGNORED} /p/models/m/{part}" for part in ("cost", "limit", "modalities")], ["import/value"], given())
    one("wrong-order", "Values that are left out are reported in the order of the row.",
        {"reasoning": "x", "limit": {"context": 0}, "tool_call": 5, "cost": {"cache_read": -1, "input": "free"}},
        [f"{IGNORED} /p/models/m/{part}" for part in
         ("reasoning", "limit/context", "tool_call", "cost/cache_read", "cost/input")], ["import/order", "import/value"], given())
    one("columns", "Keys that nothing corresponds to are columns, by name.", {"temperature": True, "knowledge": "x"},
        [f"{IGNORED} /p/models/m/knowledge", f"{IGNORED} /p/models/m/temperature"], ["import/column"], given())
    one("column-once", "Every key of a plain row corresponds to something.", {"tool_call": None, "cost": None}, [],
        ["import/value"], given(), denies=["import/column"])
    read("order", "Candidates are sorted by id over all providers.",
         {"z": {"models": {"a": {}}}, "p": {"models": {"z": {}, "m": {}}}},
         [given(), {**given(), "id": "p/z", "family": "z"}, {"id": "z/a", "provider": "z", "family": "a", "capabilities": [],
                                                             "fields": {}}], [], ["import/order"])
    return book


def _prices() -> Book:
    book = Book("catalogue/prices", kind="import", about="Prices: the decimal point is moved, and then rounded once.")

    def price(name: str, value: Json, due: Json, **rest: Json) -> None:
        made = {"id": "openrouter/m", "provider": "openrouter", "family": "m", "served_model": "m", "capabilities": [],
                "fields": {} if due is None else {"price_in": due}}
        del made["served_model"]
        comment = f"The price {value!r} per token is {'no price' if due is None else f'{due!r} per million'}."
        book.add(name, comment, rules=["import/value"] if due is None else ["import/price"],
                 denies=["import/price"] if due is None else ["import/value"],
                 input={"format": "openrouter", "document": {"data": [{"id": "m", "pricing": {"prompt": value}}]}},
                 result={"candidates": [made],
                         "skipped": found(f"{IGNORED} /data/0/pricing/prompt") if due is None else []}, **rest)

    for name, value, due, flags in (
        ("text", "0.00000015", 0.15, []), ("number", 1.5e-07, 0.15, ["Rounding"]), ("no-product", 2.8e-07, 0.28, ["Rounding"]),
        ("text-with-exponent", "1.5e-7", 0.15, []), ("capital-exponent", "1.5E-07", 0.15, []),
        ("plus-exponent", "1e+0", 1000000, []), ("integer-text", "2", 2000000, []), ("integer", 2, 2000000, []),
        ("zero", "0", 0, []), ("zeros", "0.000", 0, []), ("zero-number", 0.0, 0, []), ("minus-zero", -0.0, 0, ["Minus0"]),
        ("zero-exponent", "0e-999", 0, []), ("leading-zeros", "007e-6", 7, []),
        ("many-digits", "0.000000123456789012345678", 0.12345678901234568, ["Rounding"]),
        ("half-way", "0.00000000000000011102230246251565", 1.1102230246251565e-10, ["Rounding"]),
        ("subnormal", "5e-330", 5e-324, ["DoubleSubnormal"]), ("greatest", "1.7976931348623157e302", 1.7976931348623157e308, ["Edge"]),
        ("shortest", 9007199254740993e-30, 9.007199254740993e-09, ["Rounding", "Shortest"]),
    ):
        price(name, value, due, flags=flags)
    for name, value in (
        ("negative", "-0.5"), ("negative-number", -1e-06), ("minus-zero-text", "-0"), ("empty", ""), ("word", "free"),
        ("nan", "nan"), ("inf", "inf"), ("space", " 1"), ("trailing-space", "1\n"), ("comma", "0,5"), ("no-integer", ".5"),
        ("no-fraction", "5."), ("plus", "+1"), ("hexadecimal", "0x1"), ("underscore", "1_0"), ("boolean", True),
        ("list", ["1"]), ("object", {}), ("overflow", "1e303"), ("underflow", "1e-331"), ("digits-of-another-script", "\u0661"),
        ("exponent-alone", "e5"), ("no-exponent", "1e"), ("dollars", "$1"),
    ):
        price(name, value, None, flags={"overflow": ["Overflow"], "underflow": ["Underflow"],
                                        "digits-of-another-script": ["Unicode"]}.get(name, []))
    return book


def _formats() -> Book:
    book = Book("catalogue/import-formats", kind="import", about="Documents that are no price lists of their format.")
    row = {"litellm_provider": "p", "mode": "chat"}
    lists: dict[str, Json] = {"litellm": {"m": row}, "openrouter": {"data": [{"id": "m"}]},
                              "models.dev": {"p": {"models": {"m": {}}}}}
    for form in lists:
        word = form.replace(".", "-")
        for name, document in (("list", []), ("number", 5), ("null", None), ("text", "x"), ("empty", {})):
            book.add(f"{word}-{name}", f"A document of {document!r} is no list of {form}.", refused=["PIR0607 "],
                     input={"format": form, "document": document}, denies=["import/format"],
                     flags=["Empty"] if document in ([], {}) else [])
        for other, document in lists.items():
            if other != form:
                book.add(f"{word}-as-{other.replace('.', '-')}", f"A list of {other} is no list of {form}.",
                         refused=["PIR0607 "], input={"format": form, "document": document}, denies=["import/format"])
    book.add("litellm-some-row", "One row of the format makes a list, and the others are reported.", rules=["import/format"],
             input={"format": "litellm", "document": {"x": 1, "m": row}}, near=["PIR0607"],
             result={"skipped": found(f"{SKIPPED} /x")})
    book.add("openrouter-data-object", "Under `data` there is a list.", refused=["PIR0607 "], denies=["import/format"],
             input={"format": "openrouter", "document": {"data": {}}})
    book.add("openrouter-other-keys", "Other keys beside `data` are not looked at.", rules=["import/format"],
             input={"format": "openrouter", "document": {"data": [], "error": 5}}, near=["PIR0607"], flags=["Empty"])
    book.add("models-dev-no-models", "Providers without models are no list.", refused=["PIR0607 "],
             input={"format": "models.dev", "document": {"p": {"models": []}}}, denies=["import/format"])
    book.add("models-dev-empty-models", "A provider with an empty object of models makes a list.", rules=["import/format"],
             input={"format": "models.dev", "document": {"p": {"models": {}}}}, near=["PIR0607"], flags=["Empty"],
             result={"candidates": [], "skipped": []})
    return book
