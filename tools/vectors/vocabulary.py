"""Chapter Vocabulary: what a vocabulary file may say, every reason to refuse one, fingerprints, forbidden parameters."""

from __future__ import annotations

import json
from typing import Any

from vectors.book import Book
from vectors.examples import HOUSE


def books() -> list[Book]:
    return [declarations(), refusals(), forbidden(), files(), tiers()]


# fmt: off
def house(**entries: Any) -> dict[str, Any]:
    return {"vocabulary": 1, "name": "house", "extends": "standard", **entries}


def num(**entries: Any) -> dict[str, Any]:
    return {"sort": "num", "default": 0, "source": "catalogue", **entries}


def declarations() -> Book:
    book = Book("vocabulary/declarations", "vocabulary", "Vocabularies and their fingerprints: what is in them, and what is not.")

    def add(name: str, comment: str, vocabulary: Any, rules: list[str], near: tuple[str, ...] = (), *flags: str, **more: Any) -> None:
        book.add(name, comment, input={} if vocabulary is None else {"vocabulary": vocabulary}, rules=[*rules, "vocabulary/fingerprint"], near=near, flags=flags, **more)

    add("core", "The vocabulary core has its fingerprint.", "core", ["vocabulary/record", "field/sort", "field/source", "field/default", "tier/order", "tier/none", "param/sort", "param/range", "param/choices"], result={"fingerprint": "blake3:974f69a94fd6d35131c6be880eb0d88907f3219eeb26a8a32a2c0376e83c8982"})
    add("standard", "The vocabulary standard has its fingerprint.", "standard", ["vocabulary/record", "field/derived"], result={"fingerprint": "blake3:0c2b43b6b4aa872e8ce34f935d6a1ef99d8d9b96ade66daee1f06bb318a76ae9"})
    add("default", "Where no vocabulary is named, it is standard.", None, ["vocabulary/record"], result={"fingerprint": "blake3:0c2b43b6b4aa872e8ce34f935d6a1ef99d8d9b96ade66daee1f06bb318a76ae9"})
    add("house", "A vocabulary with a bit of everything.", HOUSE, ["vocabulary/record", "vocabulary/field", "vocabulary/param", "vocabulary/name", "vocabulary/redeclared", "vocabulary/derived"], ("PIR0701", "PIR0703", "PIR0704", "PIR0705", "PIR0706"))
    same = "blake3:0c2b43b6b4aa872e8ce34f935d6a1ef99d8d9b96ade66daee1f06bb318a76ae9"
    core = "blake3:974f69a94fd6d35131c6be880eb0d88907f3219eeb26a8a32a2c0376e83c8982"
    add("nothing-new", "A file that adds nothing declares what it extends, whatever it is called.", house(), ["vocabulary/fingerprint", "vocabulary/extends"], ("PIR0702",), result={"fingerprint": same})
    add("extends-core", "A file that names no vocabulary to extend extends core.", {"vocabulary": 1, "name": "x"}, ["vocabulary/extends"], ("PIR0702",), result={"fingerprint": core})
    add("about", "Descriptions stay out of the fingerprint.", house(about="a house", fields={}, params={}), ["vocabulary/fingerprint"], result={"fingerprint": same})
    add("null", "A key whose value is null is absent.", house(fields=None, tiers=None, params=None, needs=None, recipes=None, customs=None, about=None), ["vocabulary/null"], ("PIR0115", "PIR0701"), result={"fingerprint": same})
    add("foreign-keys", "Keys of others are ignored at the top level.", {**house(), "$schema": "vocabulary.schema.json", "x-owner": {"any": [1, None]}, "x-": 1}, ["vocabulary/shape"], ("PIR0701",), result={"fingerprint": same})
    add("recipes-again", "A filter step may be named again, and remains one.", house(recipes=["RedactPII", "RedactSecrets"]), ["vocabulary/record"], ("PIR0703", "PIR0704"), result={"fingerprint": same})
    add("tiers-again", "Tiers may be listed as they are.", house(tiers=["fallback", "marketplace", "partner"]), ["vocabulary/tiers"], ("PIR0703",), result={"fingerprint": same})
    for name, tiers in [("between", ["fallback", "trial", "marketplace", "partner"]), ("below", ["last", "fallback", "marketplace", "partner"]), ("above", ["fallback", "marketplace", "partner", "own"])]:
        add(f"tier-{name}", f"A new tier may stand {name} those that are declared.", house(tiers=tiers), ["vocabulary/tiers", "tier/order"], ("PIR0703",))
    add("field-unit", "A unit is in the fingerprint.", house(fields={"x": num(unit="ms")}), ["field/unit", "vocabulary/field"])
    add("field-no-unit", "Without a unit the fingerprint is another.", house(fields={"x": num()}), ["vocabulary/field"], denies=["field/unit"])
    add("field-about", "A description of a field is not.", house(fields={"x": num(about="what it is")}), ["vocabulary/fingerprint"])
    add("field-null-unit", "A unit that is null is absent.", house(fields={"x": num(unit=None, minimum=None)}), ["vocabulary/null"])
    for name, field in [("num", num(default=7)), ("bool", {"sort": "bool", "default": True, "source": "state"}), ("tag", {"sort": "tag", "source": "catalogue"}), ("tags", {"sort": "tags", "source": "request"}), ("infinite", num(default="inf")), ("minus-infinite", num(default="-inf")), ("range", num(minimum=-1, maximum=1)),
                        ("minimum", num(minimum=0)), ("maximum", num(maximum=0.5)), ("equal-range", num(minimum=5, maximum=5)), ("default-outside", num(default=-1, minimum=0)), ("minus-zero", num(default=-0.0)), ("fraction", num(default=0.1)), ("large", num(default=1e300)), ("capability", {"sort": "bool", "default": False, "source": "catalogue"})]:
        add(f"field-{name}", f"A field may be declared like this: {name.replace('-', ' ')}.", house(fields={"supports_x" if name == "capability" else "x": field}), ["field/sort", "field/default", *(["field/range"] if ("m" in name and "range" in name) or name in ("minimum", "maximum") else []), *(["field/capability"] if name == "capability" else []), "vocabulary/fit", "vocabulary/number"], ("PIR0704",),
            *(["Minus0"] if name == "minus-zero" else ["Infinite"] if "infinite" in name else []))
    for key in ("provider", "family", "served_by", "tier", "scope"):
        add(f"field-key-{key.replace('_', '-')}", f"A field named like the key {key} of every candidate is a tag of the catalogue.", house(fields={key: {"sort": "tag", "source": "catalogue"}}), ["field/key"], ("PIR0704",))
    add("field-capability-of-state", "A field of the state may have any name and default.", house(fields={"supports_x": {"sort": "bool", "default": True, "source": "state"}}), ["field/source"], ("PIR0704",), denies=["field/capability"])
    add("field-host-names", "Names that objects have may be declared.", house(fields={"__proto__": num(), "constructor": num(), "toString": num(), "10": num(), "9": num()}), ["vocabulary/record"], ("PIR0701",), "HostName")
    add("field-order", "Fields are sorted by the bytes of their names in the record.", house(fields={"zz": num(), "\U00010000": num(), "\uff5e": num(), "A": num()}), ["vocabulary/record"], (), "Utf16Order", "Unicode")
    for name, param in [("number", {"sort": "number"}), ("integer", {"sort": "integer", "minimum": 1, "maximum": 10}), ("string", {"sort": "string"}), ("boolean", {"sort": "boolean"}), ("choices", {"sort": "string", "choices": ["low", "high", ""][:2]}), ("one-choice", {"sort": "string", "choices": ["only"]}), ("fraction-range", {"sort": "integer", "minimum": 0.5}), ("minus-zero", {"sort": "number", "minimum": -0.0})]:
        add(f"param-{name}", f"A request parameter may be declared like this: {name.replace('-', ' ')}.", house(params={"x": param}), ["param/sort", "vocabulary/param", *(["param/choices"] if "choice" in name else []), *(["param/range"] if "m" in "".join(param) else [])], ("PIR0704", "PIR0705"))
    add("param-choices-sorted", "Choices are sorted in the record.", house(params={"x": {"sort": "string", "choices": ["high", "low"]}}), ["vocabulary/param"])
    add("need", "A need may be declared.", house(needs={"video": "supports_video"}), ["vocabulary/name"], ("PIR0703",))
    add("custom", "A custom may be declared, and its version is in the fingerprint.", house(customs={"add_footer": "3"}), ["vocabulary/name"], ("PIR0703",))
    add("custom-version", "Another version is another vocabulary.", house(customs={"add_footer": "4"}), ["vocabulary/name"])
    add("recipe", "A filter step may be declared.", house(recipes=["MaskNames"]), ["vocabulary/record"])
    add("text-256", "A name may have 256 bytes.", house(name="x" * 256, recipes=["é" * 128]), ["vocabulary/text"], ("PIR0701",), "Edge", "Unicode")
    add("empty-texts", "A unit and a description may be empty.", house(about="", fields={"x": num(unit="", about="")}), ["vocabulary/text"], ("PIR0701",), "Empty")
    add("list-1024", "A list may have 1024 entries.", house(recipes=[f"r{at}" for at in range(1024)]), ["vocabulary/entries"], ("PIR0701",), "Edge")
    return book


def refusals() -> Book:
    book = Book("vocabulary/refused", "vocabulary", "Vocabulary files that are refused.")

    def no(name: str, comment: str, data: Any, code: str, rule: str, *flags: str) -> None:
        book.add(name, comment, input={"vocabulary": data}, refused=[code], denies=[rule], flags=flags)

    shape = ("PIR0701", "vocabulary/shape")
    for name, data, comment in [
        ("version-2", {**house(), "vocabulary": 2}, "Another version is refused"), ("version-true", {**house(), "vocabulary": True}, "The version is no boolean"), ("version-text", {**house(), "vocabulary": "1"}, "The version is no text"), ("no-version", {"name": "house"}, "A file has a version"), ("no-name", {"vocabulary": 1}, "A file has a name"), ("null-name", {"vocabulary": 1, "name": None}, "A name that is null is absent"),
        ("name-number", house(name=5), "A name is no number"), ("extends-list", house(extends=["core"]), "One vocabulary is extended"), ("about-list", house(about=["x"]), "A description is a text"), ("fields-list", house(fields=[]), "Fields are a table"), ("field-list", house(fields={"x": []}), "A field is a record"), ("field-no-sort", house(fields={"x": {"source": "state"}}), "A field has a sort"),
        ("field-no-source", house(fields={"x": {"sort": "num", "default": 1}}), "A field has a source"), ("field-sort", house(fields={"x": num(sort="number")}), "The sort of a field is one of four"), ("field-source", house(fields={"x": num(source="catalog")}), "The source of a field is one of four"), ("field-key", house(fields={"x": num(units="ms")}), "A field has no other keys"),
        ("field-unit", house(fields={"x": num(unit=5)}), "A unit is a text"), ("field-about", house(fields={"x": num(about=5)}), "A description of a field is a text"), ("field-minimum", house(fields={"x": num(minimum="0")}), "A minimum is a number"), ("field-maximum", house(fields={"x": num(maximum=True)}), "A maximum is no boolean"), ("field-x", house(fields={"x": num(**{"x-note": 1})}), "Keys of others are ignored at the top level only"),
        ("tiers-text", house(tiers={"partner": 1}), "Tiers are a list"), ("param-number", house(params={"x": 1}), "A parameter is a record"), ("param-empty", house(params={"x": {}}), "A parameter has a sort"), ("param-sort", house(params={"x": {"sort": "num"}}), "The sort of a parameter is one of four"), ("param-default", house(params={"x": {"sort": "number", "default": 1}}), "A parameter has no default"),
        ("choices-text", house(params={"x": {"sort": "string", "choices": "a"}}), "Choices are a list"), ("choices-number", house(params={"x": {"sort": "string", "choices": ["a", 1]}}), "A choice is a text"), ("need-number", house(needs={"x": 1}), "A capability is a text"), ("needs-list", house(needs=["x"]), "Needs are a table"), ("recipes-table", house(recipes={"x": 1}), "Filter steps are a list"),
        ("recipe-number", house(recipes=[1]), "A filter step is a text"), ("custom-number", house(customs={"x": 3}), "A version is a text"), ("unknown-key", house(colours={}), "A file has no other keys"), ("pointer", house(fields={"a/b~c": []}), "A name is escaped in the pointer"),
    ]:
        no(name, f"{comment}.", data, *shape)
    text = ("PIR0701", "vocabulary/text")
    no("name-empty", "A name is not empty.", house(name=""), *text, "Empty")
    no("name-long", "A name has at most 256 bytes.", house(name="x" * 257), *text, "PastEdge")
    no("name-long-bytes", "What counts are bytes.", house(name="é" * 129), *text, "PastEdge", "Unicode")
    no("field-empty", "The name of a field is not empty.", house(fields={"": num()}), *text, "Empty")
    no("field-long", "The name of a field has at most 256 bytes.", house(fields={"x" * 257: num()}), *text, "PastEdge")
    no("version-empty", "A version is not empty.", house(customs={"x": ""}), *text, "Empty")
    no("capability-empty", "A capability is not empty.", house(needs={"x": ""}), *text, "Empty")
    no("unit-long", "A unit has at most 256 bytes.", house(fields={"x": num(unit="x" * 257)}), *text, "PastEdge")
    no("list-1025", "A list has at most 1024 entries.", house(recipes=[f"r{at}" for at in range(1025)]), "PIR0701", "vocabulary/entries", "PastEdge")
    no("table-with-extended", "Entries of the extended vocabulary count.", house(needs={f"n{at}": "c" for at in range(1020)}), "PIR0701", "vocabulary/entries", "PastEdge")
    no("default-word", "An infinite default is written inf.", house(fields={"x": num(default="infinity")}), "PIR0704", "vocabulary/number", "Infinite")
    no("minimum-infinite", "A bound is finite.", house(fields={"x": num(minimum="-inf")}), "PIR0701", "vocabulary/number", "Infinite")
    no("extends-unknown", "A file extends a shipped vocabulary.", house(extends="house"), "PIR0702", "vocabulary/extends")
    no("extends-capital", "The name of it is that name exactly.", house(extends="Standard"), "PIR0702", "vocabulary/extends")
    redeclared = ("PIR0703", "vocabulary/redeclared")
    no("name-standard", "The name of a vocabulary is not that of a shipped one.", house(name="standard"), *redeclared)
    no("name-core", "Nor is it that of the other.", house(name="core"), *redeclared)
    no("field-again", "A field that is declared is not declared again.", house(fields={"price_in": num()}), *redeclared)
    no("field-same", "It is not, even with the same declaration.", house(fields={"has_tee": {"sort": "bool", "default": False, "source": "catalogue"}}), *redeclared)
    no("param-again", "Nor is a parameter.", house(params={"temperature": {"sort": "number"}}), *redeclared)
    no("need-again", "Nor is a need.", house(needs={"tools": "supports_tools"}), *redeclared)
    tiers = ("PIR0703", "vocabulary/tiers")
    no("tiers-reversed", "Tiers stay in their order.", house(tiers=["partner", "marketplace", "fallback"]), *tiers)
    no("tiers-missing", "All tiers are listed.", house(tiers=["fallback", "partner"]), *tiers)
    no("tiers-new-only", "New tiers alone are no list of all.", house(tiers=["own"]), *tiers)
    no("tiers-empty", "An empty list lists none.", house(tiers=[]), *tiers, "Empty")
    no("tiers-twice", "A tier occurs once.", house(tiers=["fallback", "marketplace", "partner", "own", "own"]), "PIR0704", "vocabulary/fit")
    fit = ("PIR0704", "vocabulary/fit")
    for name, data, comment in [
        ("num-no-default", house(fields={"x": {"sort": "num", "source": "state"}}), "A number has a default"), ("bool-no-default", house(fields={"x": {"sort": "bool", "source": "state"}}), "A boolean has a default"), ("num-default-bool", house(fields={"x": num(default=True)}), "The default of a number is no boolean"), ("bool-default-num", house(fields={"x": num(sort="bool")}), "The default of a boolean is no number"),
        ("tag-default", house(fields={"x": {"sort": "tag", "source": "state", "default": "eu"}}), "A tag has no default"), ("tags-default", house(fields={"x": {"sort": "tags", "source": "state", "default": []}}), "Tags have no default"), ("bool-range", house(fields={"x": {"sort": "bool", "source": "state", "default": False, "minimum": 0}}), "A boolean has no range"), ("tag-range", house(fields={"x": {"sort": "tag", "source": "state", "maximum": 0}}), "A tag has no range"),
        ("range-inverted", house(fields={"x": num(minimum=2, maximum=1)}), "A minimum is not above its maximum"), ("param-range", house(params={"x": {"sort": "string", "minimum": 0}}), "A string has no range"), ("param-range-boolean", house(params={"x": {"sort": "boolean", "maximum": 1}}), "A boolean parameter has no range"), ("param-inverted", house(params={"x": {"sort": "integer", "minimum": 2, "maximum": 1}}), "A parameter's minimum is not above its maximum"),
        ("number-choices", house(params={"x": {"sort": "number", "choices": ["a"]}}), "A number has no choices"), ("no-choices", house(params={"x": {"sort": "string", "choices": []}}), "There is at least one choice"), ("choices-twice", house(params={"x": {"sort": "string", "choices": ["a", "b", "a"]}}), "A choice occurs once"), ("recipes-twice", house(recipes=["x", "y", "x"]), "A filter step occurs once in a list"),
    ]:
        no(f"fit-{name}", f"{comment}.", data, *fit)
    for key, field in [("tier", num()), ("scope", {"sort": "tag", "source": "request"}), ("provider", {"sort": "tags", "source": "catalogue"}), ("family", {"sort": "tag", "source": "state"})]:
        no(f"key-{key}", f"A field named {key} is a tag of the catalogue and nothing else.", house(fields={key: field}), "PIR0704", "field/key")
    no("capability-default", "A capability is absent by default.", house(fields={"supports_x": {"sort": "bool", "default": True, "source": "catalogue"}}), "PIR0704", "field/capability")
    no("derived", "No file declares a derived field.", house(fields={"margin": {"sort": "num", "source": "derived"}}), "PIR0706", "vocabulary/derived")
    no("derived-again", "That of standard is declared already.", house(fields={"call_cost": {"sort": "num", "source": "derived"}}), "PIR0703", "vocabulary/redeclared")
    no("derived-name", "Under core, too, no field of another source has the name of a derived one.", {"vocabulary": 1, "name": "x", "fields": {"call_cost": num()}}, "PIR0706", "field/derived")
    no("derived-of-core", "Nor does a file over core declare it derived.", {"vocabulary": 1, "name": "x", "fields": {"call_cost": {"sort": "num", "source": "derived"}}}, "PIR0706", "vocabulary/derived")
    book.add("two-fields", "Everything is reported, in the order of the file.", input={"vocabulary": house(fields={"x": num(default="x"), "y": num(minimum=2, maximum=1)})}, refused=["PIR0704", "PIR0704"], denies=["field/default", "field/range", "vocabulary/field", "vocabulary/record", "vocabulary/fingerprint"], rules=["diagnostic/all"])
    book.add("field-unit-and-sort", "Several things in one declaration are reported.", input={"vocabulary": house(params={"x": {"sort": "boolean", "minimum": 1, "choices": ["a"]}})}, refused=["PIR0704", "PIR0704"], denies=["param/range", "param/choices", "vocabulary/param"], rules=["diagnostic/all"])
    book.add("sorts", "Sorts are those of the chapter, of fields and of parameters.", input={"vocabulary": house(fields={"x": num(sort="text")}, params={"y": {"sort": "text"}})}, refused=["PIR0701", "PIR0701"], denies=["field/sort", "param/sort", "vocabulary/name"])
    book.add("source", "No field has two sources.", input={"vocabulary": house(fields={"x": num(source=["state", "catalogue"])})}, refused=["PIR0701"], denies=["field/source"])
    book.add("tier-order", "A list that puts a new tier in and leaves an old one out is refused.", input={"vocabulary": house(tiers=["marketplace", "own", "partner"])}, refused=["PIR0703"], denies=["tier/order", "tier/none"])
    book.add("null-unknown", "An unknown key is refused also where its value is null.", input={"vocabulary": house(color=None)}, refused=["PIR0701"], denies=["vocabulary/null"])
    book.add("tiers-ill-entry", "Where an entry is no name, what the list lacks follows from that.", input={"vocabulary": house(tiers=["fallback", ""])}, refused=["PIR0701"], rules=["vocabulary/text", "diagnostic/consequence"], denies=["vocabulary/tiers"], near=["PIR0703"])
    book.add("null-entry", "A null in a list is no absent key.", input={"vocabulary": house(recipes=["x", None])}, refused=["PIR0701"], denies=["vocabulary/null"])
    return book


def forbidden() -> Book:
    book = Book("vocabulary/forbidden", "vocabulary", "Request parameters that no vocabulary may declare, and names that only resemble them.")

    def param(name: str) -> dict[str, Any]:
        return {"vocabulary": house(params={name: {"sort": "string"}})}

    names = ["apibase", "apiversion", "bestof", "body", "candidatecount", "contents", "customllmprovider", "deployment", "deploymentid", "engine", "extrabody", "extraparams", "extraquery", "fallbacks", "functioncall", "functions", "host", "hostname", "input", "instructions", "message", "messages", "model", "modelid", "models", "n", "numcompletions", "organization", "port", "prompt", "provider", "route", "servicetier", "stream", "streamoptions", "system", "toolchoice", "tools"]
    parts = ["accesskey", "apikey", "authentication", "authorization", "bearer", "callback", "certificate", "cookie", "credential", "endpoint", "header", "jwt", "oauth", "passphrase", "passwd", "password", "privatekey", "proxy", "secret", "signingkey", "url", "webhook"]
    for name in names:
        book.add(f"name-{name}", f"The name {name} is forbidden.", input=param(name), refused=["PIR0705"], rules=["forbidden/name"], denies=["vocabulary/forbidden"])
    for part in parts:
        book.add(f"part-{part}", f"A name that holds {part} is forbidden.", input=param(f"my{part}s"), refused=["PIR0705"], rules=["forbidden/part"], denies=["vocabulary/forbidden"])
    for ending in ("auth", "token", "uri"):
        book.add(f"ending-{ending}", f"A name that ends in {ending} is forbidden.", input=param(f"x{ending}"), refused=["PIR0705"], rules=["forbidden/ending"], denies=["vocabulary/forbidden"])
    for word in ("auth", "cert", "model", "models", "pwd", "uri"):
        book.add(f"word-{word}", f"A name with the word {word} in it is forbidden.", input=param(f"x_{word}_y"), refused=["PIR0705"], rules=["forbidden/word"], denies=["vocabulary/forbidden"])
        book.add(f"word-{word}-capital", f"The place before a capital divides words, so {word} is one here.", input=param(f"x2{word.capitalize()}Y"), refused=["PIR0705"], rules=["forbidden/word"], denies=["vocabulary/forbidden"])
    for slug, name, rule, comment in [
        ("name-underscores", "m_o_d_e_l", "forbidden/name", "Underscores do not disguise a name"), ("name-capitals", "MESSAGES", "forbidden/name", "Capitals do not disguise a name"), ("name-underscore-behind", "n_", "forbidden/name", "An underscore behind it does not disguise a name"), ("part-disguised", "x_API_Key_y", "forbidden/part", "Underscores and capitals do not disguise a part"),
        ("part-across-words", "base_u_r_l", "forbidden/part", "A part may stand across words"), ("part-in-word", "curly", "forbidden/part", "A part counts in the middle of a word as well"), ("ending-disguised", "HF_Tok_en", "forbidden/ending", "Nor do they disguise an ending"), ("word-first", "model_x", "forbidden/word", "A word may stand first"), ("word-last", "xModel", "forbidden/word", "A word may stand last"),
        ("form-hyphen", "x-y", "forbidden/form", "A hyphen is no part of a name"), ("form-digit", "1x", "forbidden/form", "A name begins with a letter"), ("form-underscore", "_x", "forbidden/form", "An underscore is no letter"), ("form-space", "x y", "forbidden/form", "A space is no part of a name"), ("form-dot", "x.y", "forbidden/form", "A dot is no part of a name"),
        ("form-unicode", "tempér", "forbidden/form", "A letter outside ASCII is none of a name"), ("form-zero-width", "temper\u200b", "forbidden/form", "What is invisible is no part of a name"), ("form-proto", "__proto__", "forbidden/form", "A name that objects have and that begins with an underscore is forbidden"), ("form-line-feed", "x\n", "forbidden/form", "A line feed at the end is no part of a name"), ("form-kelvin", "\u212aeep", "forbidden/form", "A letter that is a k in lower case is none of ASCII"),
    ]:
        book.add(slug, f"{comment}: {json.dumps(name)[1:-1]}.", input=param(name), refused=["PIR0705"], rules=[rule], denies=["vocabulary/forbidden"], flags=["Unicode"] if "unicode" in slug or "zero" in slug or "kelvin" in slug else ["HostName"] if "proto" in slug else [])
    for name, rule, comment in [
        ("constructor", "forbidden/form", "A name that objects have may be declared"), ("user", "forbidden/form", "A name of letters may be declared"), ("x1", "forbidden/form", "A digit may stand behind a letter"), ("X_", "forbidden/form", "An underscore may stand behind a letter"),
        ("n_best", "forbidden/name", "A name that begins like a forbidden one may be declared"), ("min_p", "forbidden/name", "So may one that ends like one"), ("hostess", "forbidden/name", "A name may go on"), ("streams", "forbidden/name", "A plural is another name"), ("systematic", "forbidden/name", "So is a longer word"), ("inputs", "forbidden/name", "So is the plural of input"),
        ("token_limit", "forbidden/ending", "An ending counts at the end only"), ("max_completion_tokens", "forbidden/ending", "A plural is another ending"), ("author", "forbidden/word", "A word is a whole word"), ("remodel", "forbidden/word", "So it is inside another one"), ("certain", "forbidden/word", "A word that begins like a forbidden one may be declared"), ("x_modelling", "forbidden/word", "So may it be behind another word"),
        ("heading", "forbidden/part", "A part is all its letters"), ("logprobs", "forbidden/part", "A name that resembles nothing may be declared"), ("XMODEL", "forbidden/word", "Capitals in a row are one word"),
    ]:
        book.add(f"allowed-{name.lower().replace('_', '-').strip('-')}", f"{comment}: {name}.", input=param(name), denies=[rule], rules=["vocabulary/forbidden"], near=["PIR0705"], flags=["HostName"] if name == "constructor" else [])
    book.add("forbidden-alone", "Of a forbidden parameter nothing else is said.", input={"vocabulary": house(params={"api_key": {"sort": "nope"}})}, refused=["PIR0705"], rules=["forbidden/part"], denies=["vocabulary/forbidden"])
    return book


def files() -> Book:
    book = Book("vocabulary/files", "vocabulary", "Texts of vocabulary files: JSON with null, sizes, and what a file is not.")
    text = json.dumps(house(fields={"x": num(default=0.5)}))
    book.add("json", "A vocabulary file is JSON.", input={"text": text}, rules=["vocabulary/size", "vocabulary/shape"], near=["PIR0701"])
    book.add("null", "In a vocabulary file a null is read.", input={"text": text.replace('"x"', '"y"')[:-1] + ', "tiers": null}'}, rules=["vocabulary/null"], near=["PIR0115"])
    book.add("numbers", "Numbers are read as the nearest binary64.", input={"text": '{"vocabulary": 1.0, "name": "x", "fields": {"x": {"sort": "num", "source": "state", "default": -0.0, "maximum": 9007199254740993}}}'}, rules=["vocabulary/number"], flags=["Minus0", "IntegerEdge"])
    book.add("spread", "White space and the order of keys mean nothing.", input={"text": ' {\n "name" : "x",\t"vocabulary" : 1 }\n'}, rules=["vocabulary/size"])
    book.add("size", "A file may have 262144 bytes.", input={"text": ['{"vocabulary":1,"name":"x"}', [" ", 262117]]}, rules=["vocabulary/size"], near=["PIR0004"], flags=["Edge"])
    for name, given, code, comment in [
        ("too-large", ['{"vocabulary":1,"name":"x"}', [" ", 262118]], "PIR0004", "A file of one byte more is refused"), ("empty", "", "PIR0005", "An empty file is refused"), ("mark", "\ufeff{}", "PIR0003", "A byte-order mark is refused"), ("not-json", "vocabulary: 1", "PIR0101", "What is no JSON is refused"), ("trailing-comma", '{"vocabulary": 1,}', "PIR0106", "A comma before a closing brace is refused"),
        ("comment", '{} // x', "PIR0116", "A comment is refused"), ("key-twice", '{"vocabulary": 1, "vocabulary": 1, "name": "x"}', "PIR0114", "A key that stands twice is refused"), ("overflow", '{"vocabulary": 1, "name": "x", "fields": {"x": {"sort": "num", "source": "state", "default": 1e999}}}', "PIR0110", "A number that overflows is refused"),
        ("surrogate", '{"vocabulary": 1, "name": "\\ud800"}', "PIR0113", "A lone surrogate is refused"),
    ]:
        book.add(name, f"{comment}.", input={"text": given}, refused=code, denies=["vocabulary/size"], flags=["PastEdge"] if name == "too-large" else [])
    for name, given, comment in [("list", "[]", "A list is no vocabulary"), ("text", '"core"', "A text is no vocabulary"), ("null-alone", "null", "A null is no vocabulary"), ("number", "1", "A number is no vocabulary"), ("record", "{}", "An empty record lacks what a file must have")]:
        book.add(f"shape-{name}", f"{comment}.", input={"text": given}, refused="PIR0701", denies=["vocabulary/shape"])
    return book


def tiers() -> Book:
    book = Book("vocabulary/tiers", "predicate", "Tiers: their order, candidates without one, and tiers that nobody declared.")
    candidates = [{"id": name, "provider": "p", "family": name, **({} if tier is None else {"tier": tier})} for name, tier in [("none", None), ("fallback", "fallback"), ("marketplace", "marketplace"), ("partner", "partner"), ("gold", "gold"), ("proto", "__proto__")]]
    for tier in ("fallback", "marketplace", "partner"):
        book.add(f"is-{tier}", f"Of the tier {tier} are those that say so, and without one a candidate is of the tier fallback.", input={"term": ["tier_eq", tier], "candidates": candidates}, rules=["tier/none", "tier/undeclared"], flags=["HostName"])
        book.add(f"least-{tier}", f"Of at least the tier {tier} are those that are declared as high, and none that nobody declared.", input={"term": ["min_tier", tier], "candidates": candidates}, rules=["tier/order", "tier/undeclared"], flags=["HostName"])
    own = {"vocabulary": 1, "name": "house", "tiers": ["last", "fallback", "gold", "marketplace", "partner"]}
    book.add("declared", "Where a vocabulary declares it, a tier has its rank.", input={"vocabulary": own, "term": ["min_tier", "gold"], "candidates": candidates}, rules=["tier/order"], denies=["tier/undeclared"])
    book.add("below-fallback", "A tier below fallback is below candidates without a tier.", input={"vocabulary": own, "term": ["not", ["min_tier", "last"]], "candidates": [*candidates, {"id": "last", "provider": "p", "family": "last", "tier": "last"}]}, rules=["tier/order", "tier/none"])
    return book
