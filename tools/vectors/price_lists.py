"""Vectors of the importers of price lists, and of the comparison of catalogues."""

from __future__ import annotations

from collections.abc import Sequence

from vectors.book import Book
from vectors.world import Json, candidate

# fmt: off


def books() -> list[Book]:
    """The books of this module."""
    return [_litellm(), _litellm_names(), _openrouter(), _models_dev(), _prices(), _formats(), _differences()]


IGNORED, SKIPPED = "PIR0609", "PIR0608"


def found(*pointers: str) -> list[dict[str, Json]]:
    """Findings from texts, `CODE POINTER`."""
    pairs = [one.partition(" ")[::2] for one in pointers]
    return [{"code": code, "pointer": pointer} for code, pointer in pairs]


def _litellm() -> Book:
    book = Book("catalogue/litellm", kind="import", about="Rows of LiteLLM's price file.")

    def read(name: str, comment: str, rows: Json, made: Json, skipped: Sequence[str], rules: Sequence[str], **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("vocabulary",) if key in rest}
        book.add(name, comment, input={"format": "litellm", **given, "document": rows}, rules=rules,
                 result={"candidates": made, "skipped": found(*skipped)}, **rest)

    def row(mode: Json = "chat", provider: Json = "p", **rest: Json) -> dict[str, Json]:
        return {"litellm_provider": provider, "mode": mode, **rest}

    def given(name: str, capabilities: Sequence[str] = (), **fields: Json) -> dict[str, Json]:
        return {"id": name, "provider": "p", "family": name, "capabilities": list(capabilities), "fields": fields}

    def one(name: str, comment: str, members: Json, made: Json, skipped: Sequence[str], rules: Sequence[str], **rest: Json) -> None:
        read(name, comment, {"m": row(**members)}, [made], skipped, rules, **rest)

    read("least", "A row with a mode and a provider is a candidate.", {"m": row()}, [given("m")], [],
         ["litellm/rows", "litellm/id", "litellm/provider", "litellm/model"], denies=["import/row"], near=["PIR0607", "PIR0608", "PIR0609"])
    read("responses", "Rows of the mode `responses` are imported.", {"m": row("responses")}, [given("m")], [],
         ["litellm/rows"])
    for name, rows, pointer in (
        ("sample", {"sample_spec": row(), "m": row()}, "/sample_spec"),
        ("embedding", {"e": row("embedding"), "m": row()}, "/e"),
        ("no-mode", {"e": {"litellm_provider": "p"}, "m": row()}, "/e"),
        ("mode-number", {"e": row(5), "m": row()}, "/e"), ("no-provider", {"e": {"mode": "chat"}, "m": row()}, "/e"),
        ("provider-number", {"e": row(provider=5), "m": row()}, "/e"), ("no-object", {"e": 5, "m": row()}, "/e"),
        ("null-row", {"e": None, "m": row()}, "/e"), ("empty-key", {"": row(), "m": row()}, "/"),
        ("long-key", {"k" * 257: row(), "m": row()}, "/" + "k" * 257),
        ("empty-provider", {"e": row(provider=""), "m": row()}, "/e"),
    ):
        read(f"row-{name}", "A row that gives no candidate is reported, and the others are imported.", rows, [given("m")],
             [f"{SKIPPED} {pointer}"], ["import/row"], denies=["litellm/rows", "litellm/id", "litellm/provider"],
             flags=["PastEdge"] if name == "long-key" else [])
    read("all-skipped", "A list of which nothing is imported is a list.", {"e": row("embedding")}, [],
         [f"{SKIPPED} /e"], ["import/row"], denies=["import/order"], flags=["Empty"])
    read("sorted", "Candidates are sorted by id, by UTF-8 bytes.",
         {key: row() for key in ("z", "\U0001f600", "\uff5e", "B", "a")},
         [given(key) | {"family": key.lower()} | ({"served_model": "B"} if key == "B" else {})
          for key in ("B", "a", "z", "\uff5e", "\U0001f600")], [], ["import/order"], flags=["Utf16Order", "Unicode"])
    one("prices", "Prices per token become prices per million.", {"input_cost_per_token": 1.5e-07,
        "output_cost_per_token": 6e-07, "cache_read_input_token_cost": 0},
        given("m", price_cache_read=0, price_in=0.15, price_out=0.6), [], ["import/price"])
    one("limits", "Limits become the context and the greatest output.",
        {"max_input_tokens": 128000, "max_output_tokens": 4096.0}, given("m", context=128000, max_output=4096), [],
        ["import/limit"])
    for name, value in (("zero", 0), ("negative", -1), ("fraction", 0.5), ("text", "128000"), ("true", True)):
        one(f"limit-{name}", f"A limit of {value!r} says nothing.", {"max_input_tokens": value}, given("m"),
            [f"{IGNORED} /m/max_input_tokens"], ["import/value"], denies=["import/limit"])
    one("limit-null", "A limit of null is no value.", {"max_input_tokens": None}, given("m"), [], ["litellm/rows"])
    flags = {"supports_function_calling": "supports_tools", "supports_parallel_function_calling": "supports_parallel_tools",
             "supports_reasoning": "supports_reasoning", "supports_prompt_caching": "supports_prompt_cache",
             "supports_vision": "supports_vision", "supports_audio_input": "supports_audio",
             "supports_video_input": "supports_video", "supports_pdf_input": "supports_file",
             "supports_audio_output": "supports_audio_output", "supports_web_search": "supports_web_search",
             "supports_computer_use": "supports_computer_use"}
    one("all-flags", "Flags that are true give capabilities.", dict.fromkeys(flags, True),
        given("m", sorted(flags.values())), [], ["import/flag"])
    declared = sorted(name for name in flags.values() if name not in ("supports_web_search", "supports_computer_use"))
    one("no-flags", "Flags that are false say that a capability is missing, where there is a field to say it.",
        dict.fromkeys(flags, False), given("m", **dict.fromkeys(declared, False)), [], ["import/flag"])
    one("flag-null", "A flag of null says nothing.", {"supports_vision": None}, given("m"), [], ["import/flag"])
    one("flag-text", "A flag that is no boolean is reported.", {"supports_vision": "yes", "supports_reasoning": 1},
        given("m"), [f"{IGNORED} /m/supports_vision", f"{IGNORED} /m/supports_reasoning"], ["import/value"],
        denies=["import/flag"])
    one("schema", "A model that answers by a schema has the mode of JSON, too.", {"supports_response_schema": True},
        given("m", ["supports_json_mode", "supports_structured_outputs"]), [], ["import/json-mode"])
    one("no-schema", "A model that does not answer by a schema may still have the mode of JSON.",
        {"supports_response_schema": False}, given("m", supports_structured_outputs=False), [], ["import/flag"],
        denies=["import/json-mode"])
    one("deprecated", "A model whose end is announced is deprecated.", {"deprecation_date": "2026-01-01"},
        given("m", deprecated=True), [], ["import/deprecated"])
    one("not-deprecated", "A date of null announces no end.", {"deprecation_date": None}, given("m"), [],
        ["litellm/rows"], denies=["import/deprecated"])
    one("modalities", "Lists of modalities say which there are, and which there are not.",
        {"supported_modalities": ["text", "image"], "supported_output_modalities": ["text", "audio"]},
        given("m", ["supports_audio_output", "supports_vision"], supports_audio=False, supports_image_output=False,
              supports_video=False), [], ["litellm/modalities"])
    one("modalities-and-flags", "A flag of the row goes before a list of modalities.",
        {"supported_modalities": ["image", "audio"], "supports_vision": False, "supports_video_input": True},
        given("m", ["supports_audio", "supports_video"], supports_vision=False), [], ["litellm/modalities"])
    one("modalities-text", "Modalities that are no list are reported.", {"supported_modalities": "image"}, given("m"),
        [f"{IGNORED} /m/supported_modalities"], ["import/value"], denies=["litellm/modalities"])
    read("columns", "A key that nothing corresponds to is reported once, where it comes first, after all values.",
         {"a": row(rpm=1, tpm=2), "b": row(tpm=3, input_cost_per_token="free"), "e": 5},
         [given("a"), given("b")], [f"{SKIPPED} /e", f"{IGNORED} /b/input_cost_per_token", f"{IGNORED} /a/rpm",
                                    f"{IGNORED} /a/tpm"], ["import/column", "import/value", "import/row"])
    read("core", "A value that the vocabulary has no field for is reported as a column.",
         {"a": row(max_output_tokens=5, deprecation_date="x", supports_vision=False)}, [given("a")],
         [f"{IGNORED} /a/deprecation_date", f"{IGNORED} /a/max_output_tokens"], ["import/column"], vocabulary="core")
    one("region", "The one supported region is the region.", {"supported_regions": ["global"]}, given("m", region="global"),
        [], ["litellm/region"])
    one("regions", "Several supported regions are not one.", {"supported_regions": ["us", "eu"]}, given("m"),
        [f"{IGNORED} /m/supported_regions"], ["import/value"], denies=["litellm/region"])
    return book


def _litellm_names() -> Book:
    book = Book("catalogue/litellm-names", kind="import", about="What the keys and providers of LiteLLM's rows say.")
    cases: list[tuple[str, str, str, str, str, str | None, str]] = [
        # name, key, provider, served model, family, region, rule
        ("prefix", "p/m", "p", "m", "m", None, "litellm/model"),
        ("prefix-part", "vertex_ai/m-1", "vertex_ai-language-models", "m-1", "m-1", None, "litellm/model"),
        ("prefix-of-another", "q/m", "p", "q/m", "m", None, "family/segment"),
        ("prefix-alone", "p/", "p", "p/", "", None, "litellm/model"),
        ("prefix-inside", "a/p/m", "p", "a/p/m", "m", None, "family/segment"),
        ("segments", "p/meta-llama/Llama-3.3-70B", "p", "meta-llama/Llama-3.3-70B", "llama-3.3-70b", None, "family/case"),
        ("case", "GPT-X", "p", "GPT-X", "gpt-x", None, "family/case"),
        ("case-not-ascii", "\u00c9-\u0130", "p", "\u00c9-\u0130", "\u00c9-\u0130", None, "family/case"),
        ("date-dashes", "m-2025-08-07", "p", "m-2025-08-07", "m", None, "family/date"),
        ("date-digits", "m-20250807", "p", "m-20250807", "m", None, "family/date"),
        ("date-at", "m@20250807", "p", "m@20250807", "m", None, "family/date"),
        ("date-at-dashes", "m@2025-08-07", "p", "m@2025-08-07", "m", None, "family/date"),
        ("date-short", "m-250807", "p", "m-250807", "m-250807", None, ""),
        ("date-of-last-century", "m-19990807", "p", "m-19990807", "m-19990807", None, ""),
        ("date-inside", "m-20250807-x", "p", "m-20250807-x", "m-20250807-x", None, ""),
        ("date-mixed", "m-2025-0807", "p", "m-2025-0807", "m-2025-0807", None, ""),
        ("date-twice", "m-20250807-20250808", "p", "m-20250807-20250808", "m-20250807", None, "family/date"),
        ("azure", "azure/m", "azure", "m", "m", None, "litellm/model"),
        ("azure-eu", "azure/eu/m", "azure", "m", "m", "eu", "litellm/region"),
        ("azure-us-gov", "azure/us-gov/m", "azure", "m", "m", "us-gov", "litellm/region"),
        ("azure-global-standard", "azure/global-standard/m", "azure", "m", "m", "global", "litellm/region"),
        ("azure-no-zone", "azure/ca/m", "azure", "ca/m", "m", None, "family/segment"),
        ("azure-zone-alone", "azure/eu", "azure", "eu", "eu", None, "litellm/model"),
        ("bedrock-region", "bedrock/us-east-1/anthropic.claude-x-v1:0", "bedrock", "anthropic.claude-x-v1:0", "claude-x",
         "us-east-1", "litellm/bedrock"),
        ("bedrock-gov-region", "bedrock/us-gov-west-1/meta.llama", "bedrock", "meta.llama", "llama", "us-gov-west-1",
         "litellm/region"),
        ("bedrock-profile", "eu.anthropic.claude-x-20250807-v1:0", "bedrock_converse",
         "eu.anthropic.claude-x-20250807-v1:0", "claude-x", "eu", "litellm/bedrock"),
        ("bedrock-gov-profile", "us-gov.anthropic.claude-x-v2:0", "bedrock", "us-gov.anthropic.claude-x-v2:0", "claude-x",
         "us-gov", "litellm/region"),
        ("bedrock-region-wins", "bedrock/eu-central-1/us.amazon.nova-x-v1:0", "bedrock", "us.amazon.nova-x-v1:0", "nova-x",
         "eu-central-1", "litellm/region"),
        ("bedrock-two-parts", "us.model", "bedrock", "us.model", "us.model", None, "litellm/bedrock"),
        ("bedrock-commitment", "bedrock/us-east-1/1-month-commitment/cohere.command-x", "bedrock", "cohere.command-x",
         "command-x", "us-east-1", "litellm/model"),
        ("bedrock-v1", "meta.llama3-v1", "bedrock", "meta.llama3-v1", "llama3", None, "litellm/bedrock"),
        ("bedrock-v1-after-letter", "amazon.nova-v1", "bedrock", "amazon.nova-v1", "nova-v1", None, "litellm/bedrock"),
        ("bedrock-revision-number", "openai.gpt-x-1:0", "bedrock", "openai.gpt-x-1:0", "gpt-x", None, "litellm/bedrock"),
        ("bedrock-deepseek", "us.deepseek.r9-v1:0", "bedrock_mantle", "us.deepseek.r9-v1:0", "deepseek-r9", "us",
         "litellm/bedrock"),
        ("bedrock-other-maker", "stability.sd-x-v1:0", "bedrock", "stability.sd-x-v1:0", "stability.sd-x", None,
         "litellm/bedrock"),
        ("bedrock-elsewhere", "eu.anthropic.claude-x-v1:0", "p", "eu.anthropic.claude-x-v1:0",
         "eu.anthropic.claude-x-v1:0", None, ""),
        ("fireworks", "fireworks_ai/accounts/fireworks/models/glm-5p2", "fireworks_ai", "accounts/fireworks/models/glm-5p2",
         "glm-5.2", None, "litellm/fireworks"),
        ("fireworks-letters", "fireworks_ai/p2p-5p", "fireworks_ai", "p2p-5p", "p2p-5p", None, "litellm/fireworks"),
        ("fireworks-elsewhere", "p/glm-5p2", "p", "glm-5p2", "glm-5p2", None, ""),
        ("vertex-default", "vertex_ai/claude-x@default", "vertex_ai-anthropic_models", "claude-x@default", "claude-x", None,
         "litellm/vertex"),
        ("vertex-maas", "vertex_ai/llama-x-maas", "vertex_ai", "llama-x-maas", "llama-x", None, "litellm/vertex"),
        ("vertex-date", "vertex_ai/claude-x@20250807", "vertex_ai", "claude-x@20250807", "claude-x", None, "family/date"),
        ("vertex-elsewhere", "p/llama-x-maas", "p", "llama-x-maas", "llama-x-maas", None, ""),
    ]
    absent = {"date": "family/date", "bedrock-elsewhere": "litellm/bedrock", "fireworks-elsewhere": "litellm/fireworks",
              "vertex-elsewhere": "litellm/vertex"}
    misses = {"case-not-ascii": "family/case", "prefix-of-another": "litellm/model", "azure-no-zone": "litellm/region",
              "bedrock-two-parts": "litellm/region", "prefix": "family/segment", "date-digits": "family/case"}
    for name, key, provider, served, family, region, rule in cases:
        made: dict[str, Json] = {"id": key, "provider": provider, "family": family or served}
        made |= {} if served == (family or served) else {"served_model": served}
        made |= {"capabilities": [], "fields": {} if region is None else {"region": region}}
        denies = [] if rule else [absent.get(name, "family/date")]
        denies += [misses[name]] if name in misses and misses[name] != rule else []
        book.add(name, f"The key `{key}` of the provider `{provider}`.", rules=[rule] if rule else ["litellm/id"],
                 denies=denies, flags=["Unicode"] if not key.isascii() else [],
                 input={"format": "litellm", "document": {key: {"litellm_provider": provider, "mode": "chat"}}},
                 result={"candidates": [made], "skipped": []})
    return book


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


def _differences() -> Book:
    book = Book("catalogue/differences", kind="compare", about="What differs between two lists of candidates.")

    def compare(name: str, comment: str, old: Json, new: Json, rules: Sequence[str], *, added: Json = (),
                removed: Json = (), changed: Json = (), reordered: bool = False, **rest: Json) -> None:
        given = {key: rest.pop(key) for key in ("vocabulary",) if key in rest}
        book.add(name, comment, input={**given, "old": old, "new": new}, rules=rules,
                 result={"added": list(added), "removed": list(removed), "changed": list(changed),
                         "reordered": reordered}, **rest)

    a, b, c = candidate("a"), candidate("b"), candidate("c")
    same = ["diff/candidates", "diff/values", "diff/order"]
    compare("nobody", "Two empty lists do not differ.", [], [], [], flags=["Empty"], denies=same)
    compare("same", "A list does not differ from itself.", [a, b], [a, b], [], denies=same)
    compare("added", "Ids of the new list only are added, in its order.", [a], [c, a, b], ["diff/candidates"],
            added=["c", "b"], denies=["diff/order"])
    compare("removed", "Ids of the old list only are removed, in its order.", [c, a, b], [a], ["diff/candidates"],
            removed=["c", "b"])
    compare("replaced", "Lists may have nobody in common.", [a], [b], ["diff/candidates"], added=["b"], removed=["a"])
    compare("renamed-case", "Ids that differ by case are two.", [a], [candidate("A")], ["diff/candidates"], added=["A"],
            removed=["a"])
    compare("reordered", "Lists with the same ids in another order are reordered.", [a, b], [b, a], ["diff/order"],
            reordered=True)
    compare("not-reordered", "Candidates that come between others reorder nobody.", [a, c], [a, b, c],
            ["diff/candidates"], added=["b"], denies=["diff/order"])
    compare("reordered-among-common", "The order is that of the ids that both have.", [a, b, c], [c, candidate("d"), a],
            ["diff/order", "diff/candidates"], added=["d"], removed=["b"], reordered=True)
    for key, value, due in (("provider", "q", ["p", "q"]), ("family", "n", ["m", "n"]), ("tier", "partner", [None, "partner"]),
                            ("scope", "s", [None, "s"]), ("served_by", "r", ["p", "r"]), ("served_model", "x", ["m", "x"])):
        changed = [["a", key, *due]]
        if key == "provider":
            changed.append(["a", "served_by", "p", "q"])
        if key == "family":
            changed.append(["a", "served_model", "m", "n"])
        compare(f"key-{key.replace('_', '-')}", f"A change of the key `{key}`, and of what stands in for it.", [a],
                [{**a, key: value}], ["diff/values"], changed=changed)
    compare("capabilities", "Capabilities are compared as sets.", [{**a, "capabilities": ["x", "y"]}],
            [{**a, "capabilities": ["y", "x", "y"]}], [], denies=["diff/values"])
    compare("capabilities-changed", "Both sets are given.", [{**a, "capabilities": ["y", "x"]}], [{**a, "capabilities": ["z"]}],
            ["diff/values"], changed=[["a", "capabilities", ["x", "y"], ["z"]]])
    compare("field-changed", "A field that changed is given with both values.", [candidate("a", price_in=1)],
            [candidate("a", price_in=2.5)], ["diff/values"], changed=[["a", "fields/price_in", 1, 2.5]])
    compare("field-added", "A field that was absent is null before.", [a], [candidate("a", price_in=0)], ["diff/values"],
            changed=[["a", "fields/price_in", None, 0]])
    compare("field-removed", "A field that is absent is null after.", [candidate("a", price_in=0)],
            [{**a, "fields": {"price_in": None}}], ["diff/values"], changed=[["a", "fields/price_in", 0, None]])
    compare("numbers-written-otherwise", "Numbers are equal by value.", [candidate("a", price_in=1, credits=-0.0)],
            [candidate("a", price_in=1.0, credits=0)], [], denies=["diff/values"], flags=["Minus0"])
    compare("set-field", "Sets are compared as sets.", [candidate("a", labels=["x", "y"])],
            [candidate("a", labels=["y", "x"])], [], denies=["diff/values"])
    compare("set-field-changed", "Sets that differ are given sorted.", [candidate("a", labels=["y", "x"])],
            [candidate("a", labels=[])], ["diff/values"], changed=[["a", "fields/labels", ["x", "y"], []]])
    compare("boolean-field", "A boolean that is said to be false differs from one that is not there.", [a],
            [candidate("a", supports_tools=False)], ["diff/values"], changed=[["a", "fields/supports_tools", None, False]])
    compare("several", "Changes come in the order of the new list, keys before fields, fields by name.",
            [candidate("a", price_out=1, price_in=1), candidate("b", price_in=1)],
            [candidate("b", price_in=2), {**candidate("a", price_out=2, price_in=2), "tier": "partner"}],
            ["diff/values", "diff/order"], reordered=True, changed=[
                ["b", "fields/price_in", 1, 2], ["a", "tier", None, "partner"], ["a", "fields/price_in", 1, 2],
                ["a", "fields/price_out", 1, 2]])
    compare("keys-in-order", "Keys come in the order of the chapter.", [a],
            [{"id": "a", "provider": "q", "served_model": "y", "family": "x", "served_by": "r", "scope": "s", "tier": "t",
              "capabilities": ["k"]}], ["diff/values"], changed=[
                ["a", "provider", "p", "q"], ["a", "family", "m", "x"], ["a", "served_model", "m", "y"],
                ["a", "served_by", "p", "r"], ["a", "tier", None, "t"], ["a", "scope", None, "s"],
                ["a", "capabilities", [], ["k"]]])
    book.add("refused-old", "A list that is none is refused.", input={"old": [{"id": "x"}], "new": []},
             refused=["PIR0606 /candidates/0", "PIR0606 /candidates/0"], denies=["candidate/model"])
    book.add("refused-new", "The old list is looked at before the new one.",
             input={"old": [a, a], "new": [{"id": "x", "provider": "p", "family": ""}]},
             refused=["PIR0603 /candidates/1/id"], denies=["candidate/id"])
    return book
