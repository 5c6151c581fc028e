"""Chapter Authoring syntax, refusals: texts that two implementations once read differently, found by random texts."""

from __future__ import annotations

from vectors.book import Book


def books() -> list[Book]:
    return [met_by_chance()]


# fmt: off
MET: dict[str, list[tuple[str, str, str]]] = {
    "unclosed": [
        ("relation", "filter cmp(a, foo", "PIR0206"), ("operator", "rank (5 5", "PIR0129"), ("parameter", "select top_k(argmax", "PIR0205"), ("string", 'rank lit("x"', "PIR0205"),
        ("alone", "filter (a rank b)", "PIR0103"), ("comment", "rank(/*", "PIR0101"), ("number", "rank(0R", "PIR0109"), ("before-operator", "filter(and", "PIR0102"), ("quotes", "mutate('", "PIR0117"), ("bracket", "mutate when([),", "PIR0102"),
        ("braces-of-policy", "policy { mutate (} }", "PIR0103"), ("attribute", "filter (tier", "PIR0127"), ("next-argument", "rank gate(a b,", "PIR0105"),
    ],
    "end": [("of-text", "rank /*", "PIR0101"), ("of-clause", "policy { filter \x81 select argmax }", "PIR0101"), ("of-policy", "policy { filter \x81 }", "PIR0101"), ("second-clause", "filter a and rank b", "PIR0102"), ("of-empty-policy", "policy {} fallback abort }", "PIR0107")],
    "attribute": [("minus", "filter tier -", "PIR0127"), ("closed", "filter (tier)", "PIR0127"), ("stray-closer", "filter tier ) == partner", "PIR0127"), ("no-token", "filter provider \\", "PIR0127"), ("called", 'filter provider("x")', "PIR0202")],
    "key": [("number", "fallback retry_same(0)", "PIR0102"), ("number-and-colon", "fallback abort(5: 3)", "PIR0102"), ("of-step", 'mutate filter_text({5: 3})', "PIR0102"), ("called", "fallback abort(attempts(3))", "PIR0102"), ("record-without-colon", 'select chain({provider "a"})', "PIR0105"), ("record-of-no-token", "select chain({\x80})", "PIR0101")],
    "letters": [("fraction", "filtr\xbe", "PIR0123"), ("behind-number", "filter a >= 9\xda", "PIR0101"), ("times", "\xd7", "PIR0101"), ("logical", "filter a \u2227 b", "PIR0101")],
    "clause": [("misspelt", "filter a\nelect argmax", "PIR0129"), ("misspelt-behind-selector", "select argmax\nmutat id", "PIR0102")],
    "operands": [("not-behind-name", "filter labels not i\xc9", "PIR0129"), ("relation-number", "filter cmp(a, 5, 3)", "PIR0205"), ("bracket-between", "rank a ] (b)", "PIR0104")],
    "arguments": [("inner-first", "rank gate(foo(a))", "PIR0202"), ("second-wrong", "select top_k(())", "PIR0205"), ("no-token", "filter test(a \x80)", "PIR0101")],
}
COMMENTS = {
    "unclosed": "An unclosed bracket counts from where it is noticed; what is wrong in it before comes first.",
    "end": "Where more is due, the end counts from the token behind it.",
    "attribute": "An attribute without its relation is alone, whatever stands behind it.",
    "key": "What is no key cannot stand where one is due, and an entry without all its parts has no other finding.",
    "letters": "Letters beyond ASCII belong to the word beside them, and no other characters do.",
    "clause": "The misspelt word of a clause is as good an operand as any, where one could follow with an operator.",
    "operands": "What is wrong before a token that is wrong as well comes first.",
    "arguments": "The number of arguments counts from where it is noticed; what is wrong with one before comes first.",
}


def met_by_chance() -> Book:
    book = Book("authoring/met-by-chance", "syntax", "Texts in which several things are wrong, by what comes first.")
    for kind, texts in MET.items():
        for name, text, code in texts:
            book.add(f"{kind}-{name}", COMMENTS[kind], input={"syntax": "authoring", "text": text}, refused=code)
    return book
