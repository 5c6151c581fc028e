"""Mistakes in what a term is: its normal form, its bytes, its identities."""

from __future__ import annotations

from broken import Change, flaw

_UTF16 = "key=lambda text: text.encode('utf-16-be')"
_BY_DEFINITION = (
    Change(
        "cbor",
        "encode",
        "cbor2.dumps(_reduced(value, scores, 0), canonical=True)",
        "encode_reference(value, scores=scores)",
    ),
    Change("cbor", "encode_numbers", "cbor2.dumps(reduced, canonical=True)", "encode_reference(listed)"),
)
"""Lets the slow encoder, whose text says what the bytes are, do the work of the fast ones."""

NORMAL_FORM = (
    flaw(
        "nests-kept",
        "Normal form",
        "does not flatten nests of one operation",
        "and/flatten or/flatten add/flatten seq/flatten",
        Change(
            "normal_form",
            "Rewriting._equations",
            "if not (equation.maximal and above == op)",
            "if not (equation.maximal and above == op or equation.id.endswith('/flatten'))",
        ),
    ),
    flaw(
        "equal-summands-once",
        "Normal form",
        "keeps equal summands of an `add` once, as if it were an `and`",
        "add/flatten add/sort add/single",
        Change(
            "normal_form",
            "Rewriting._normal",
            "    while (",
            "    if term.op == 'add':\n"
            "        once = {encoding(part): part for part in arguments_of(term)}\n"
            "        term = build(type(term), list(once.values()), term.origin)\n"
            "    while (",
        ),
    ),
    flaw(
        "calculates",
        "Normal form",
        "takes `lit(0)` for `zero`",
        "add/unit scale/zero gate/zero normalize/zero scale/zero-factor",
        Change(
            "normal_form",
            "Rewriting._normal",
            "    while (",
            "    if term.op == 'lit' and term.value == 0.0:\n"
            "        term = __import__('policy_ir').terms.Zero(origin=term.origin)\n"
            "    while (",
        ),
    ),
    flaw(
        "siblings-by-text",
        "Normal form",
        "sorts siblings by how they are written, not by their bytes",
        "and/sort or/sort add/sort",
        Change("equations", "Encodings.__call__", "data = cbor.head(", "data = repr(term).encode() + cbor.head("),
    ),
    flaw(
        "inner-override-wins",
        "Normal form",
        "keeps the innermost of several overrides for one reason",
        "failplan/collapse",
        Change("equations", "failplan/collapse", "for override in nest}", "for override in reversed(nest)}"),
    ),
    flaw(
        "native-string-sort",
        "Normal form",
        "sorts texts by UTF-16 code units, as the sort of some languages does",
        "Utf16Order",
        Change("equations", "tag_in/sort", "tuple(sorted(set(values)))", f"tuple(sorted(set(values), {_UTF16}))"),
        Change("field_values", "_read_tags", "tuple(sorted(tags))", f"tuple(sorted(tags, {_UTF16}))"),
        Change("facts", "_sorted", "sorted(set(needs))", f"sorted(set(needs), {_UTF16})"),
    ),
    flaw(
        "length-first-sort",
        "Normal form",
        "compares the lengths of texts first, where they are sorted",
        "LengthFirst",
        Change(
            "equations",
            "tag_in/sort",
            "tuple(sorted(set(values)))",
            "tuple(sorted(set(values), key=lambda v: (len(v), v)))",
        ),
        Change("field_values", "_read_tags", "tuple(sorted(tags))", "tuple(sorted(tags, key=lambda t: (len(t), t)))"),
        Change("facts", "_sorted", "sorted(set(needs))", "sorted(set(needs), key=lambda n: (len(n), n))"),
    ),
    flaw(
        "chain-keeps-last",
        "Normal form",
        "keeps the last of equal entries of a chain",
        "chain/dedupe select/chain",
        Change(
            "equations",
            "chain/dedupe",
            "first.setdefault(entry.pair, entry)",
            "first.pop(entry.pair, None), first.setdefault(entry.pair, entry)",
        ),
    ),
)

ENCODING = (
    flaw(
        "keys-by-alphabet",
        "Encoding",
        "orders the keys of a map by the alphabet: their encodings have the shorter key first",
        "LengthFirst encode/map",
        *_BY_DEFINITION,
        Change(
            "cbor", "encode_reference", "sorted(entries)", "sorted(entries, key=lambda e: e[0][1 + (e[0][0] > 119):])"
        ),
    ),
    flaw(
        "no-halves",
        "Encoding",
        "never shortens a number to a half",
        "Shortest HalfSubnormal encode/float",
        *_BY_DEFINITION,
        Change("cbor", "_number", '(">e", b"\\xf9"), (">f", b"\\xfa")', '(">f", b"\\xfa"),'),
    ),
    flaw(
        "singles-for-all",
        "Encoding",
        "rounds numbers to singles",
        "Shortest SingleSubnormal encode/float DoubleSubnormal",
        *_BY_DEFINITION,
        Change(
            "cbor",
            "_number",
            "if struct.unpack(width, short)[0] == number:",
            "if width == '>f' or struct.unpack(width, short)[0] == number:",
        ),
    ),
    flaw(
        "minus-zero-kept",
        "Encoding",
        "encodes -0 as the half f98000",
        "Minus0 encode/zero",
        Change(
            "cbor",
            "_reduced",
            "and number.is_integer() else",
            "and number.is_integer() and repr(number) != '-0.0' else",
        ),
    ),
    flaw(
        "integers-of-64-bits",
        "Encoding",
        "writes every integral number below 2^64 as an integer",
        "IntegerEdge PastEdge encode/integer",
        Change("cbor", "_reduced", "abs(number) <= SAFE and", "abs(number) < 2**64 and"),
        Change("cbor", "encode_numbers", "abs(number) <= SAFE else", "abs(number) < 2**64 else"),
    ),
    flaw(
        "long-heads-read",
        "Encoding",
        "reads a length that could have been written shorter",
        "decode/canonical PIR0802",
        Change("cbor", "_Reader.argument", "self.canonical(head(major, argument), start)", "pass"),
    ),
    flaw(
        "unsorted-keys-read",
        "Encoding",
        "reads the keys of a map in any order",
        "decode/canonical PIR0802",
        Change("cbor", "_Reader.key", "if encoded <= last:", "if encoded == last:"),
    ),
    flaw(
        "trailing-bytes-read",
        "Encoding",
        "passes over what follows the item",
        "decode/trailing PIR0804",
        Change("cbor", "decode", "if reader.at < len(data):", "if False:"),
    ),
)

INTEROP = (
    flaw(
        "peer-with-our-equations",
        "Interoperation",
        "drops equal parts before it writes the peer's string, as only our normal form does",
        "peer/equations and/dedupe or/dedupe",
        Change(
            "interop.sigma_pol",
            "sigma_string",
            "_REWRITING.normal_form(term)",
            "__import__('policy_ir').normal_form.normal_form(term)",
        ),
    ),
)
