"""Vectors of the importer of LiteLLM's price file."""

from __future__ import annotations

from collections.abc import Sequence

from vectors.book import Book
from vectors.price_lists import IGNORED, SKIPPED, found
from vectors.world import Json

# fmt: off


def books() -> list[Book]:
    """The books of this module."""
    return [_litellm(), _litellm_names()]


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
