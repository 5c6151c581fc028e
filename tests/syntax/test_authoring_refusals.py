"""What is wrong with a text is said where it is wrong, with what was probably meant; and one reading says all of it."""

from __future__ import annotations

import pytest

from policy_ir.diagnostics import CODES, Diagnostic, Refused
from policy_ir.diagnostics.model import in_source_order
from policy_ir.syntax.authoring import parse_authoring

REFUSALS: dict[str, list[tuple[str, str, str, str | None]]] = {
    "filter a && b and c = 3 and foo(x) and !d": [
        ("PIR0119", "&&", "`&&` is not an operator of the language", "write `and`"),
        ("PIR0119", "=", "`=` is not an operator of the language", "write `==` to compare, `:` in a setting"),
        ("PIR0202", "foo", "the language has no function `foo`", None),
        ("PIR0119", "!", "`!` is not an operator of the language", "write `not`"),
    ],
    "filter a | b & c || d and e ≤ 3 and f => 3 and g =< 3 and h === 3 and i !== 3 and j <> 3 and k < < 3 and ¬l": [
        ("PIR0119", "|", "`|` is not an operator of the language", "write `or`"),
        ("PIR0119", "&", "`&` is not an operator of the language", "write `and`"),
        ("PIR0119", "||", "`||` is not an operator of the language", "write `or`"),
        ("PIR0119", "≤", "`≤` is not an operator of the language", "write `<=`"),
        ("PIR0119", "=>", "`=>` is not an operator of the language", "write `>=`"),
        ("PIR0119", "=<", "`=<` is not an operator of the language", "write `<=`"),
        ("PIR0119", "===", "`===` is not an operator of the language", "write `==`"),
        ("PIR0119", "!==", "`!==` is not an operator of the language", "write `!=`"),
        ("PIR0119", "<>", "`<>` is not an operator of the language", "write `!=`"),
        ("PIR0119", "< <", "`<<` is not an operator of the language", "write `<`"),
        ("PIR0119", "¬", "`¬` is not an operator of the language", "write `not`"),
    ],
    "price_out <= 25": [
        (
            "PIR0123",
            "price_out",
            "`price_out` starts no clause",
            "a predicate stands after `filter`, a scorer after `rank`, a selector after `select`",
        ),
    ],
    'filter (a in {"b") and c': [
        ("PIR0103", "{", "`{` is not closed", "`}` is due before `)`"),
    ],
    "filter (a in {) and c": [
        ("PIR0103", "{", "`{` is not closed", "`}` is due before `)`"),
    ],
    'filter has_cap("a\\n\\x")': [
        (
            "PIR0108",
            "\\x",
            "`\\x` is not an escape",
            'the escapes are `\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u` with four digits',
        ),
    ],
    "filter a && b": [
        ("PIR0119", "&&", "`&&` is not an operator of the language", "write `and`"),
    ],
    "filter normalize(x) >= 3 and a": [
        (
            "PIR0203",
            "normalize",
            "`normalize` makes a scorer where a predicate is due",
            "a score is compared by `test(s >= 0.5)`",
        ),
    ],
    "filter x + y >= 3": [
        ("PIR0203", "+", "a scorer where a predicate is due", "a score is compared by `test(s >= 0.5)`"),
    ],
    "filter 0.5 * x + y >= 3 and b": [
        ("PIR0203", "0.5", "a scorer where a predicate is due", "a score is compared by `test(s >= 0.5)`"),
    ],
    'filter zero and 3 and "x" and true and false': [
        (
            "PIR0203",
            "zero",
            "`zero` makes a scorer where a predicate is due",
            "a score is compared by `test(s >= 0.5)`",
        ),
        ("PIR0201", "3", "`3` where a predicate is due", None),
        ("PIR0201", '"x"', '`"x"` where a predicate is due', None),
        ("PIR0201", "true", "`true` where a predicate is due", "write `top`"),
        ("PIR0201", "false", "`false` where a predicate is due", "write `bot`"),
    ],
    "rank context >= 3": [
        ("PIR0203", ">=", "a predicate where a scorer is due", "`gate(p, s)` scores 0 where a predicate refuses"),
    ],
    "rank a and b": [
        ("PIR0203", "and", "a predicate where a scorer is due", "`gate(p, s)` scores 0 where a predicate refuses"),
    ],
    'rank meets_req + not x + "price" + true + gate(zero, x)': [
        (
            "PIR0203",
            "meets_req",
            "`meets_req` makes a predicate where a scorer is due",
            "`gate(p, s)` scores 0 where a predicate refuses",
        ),
        ("PIR0203", "not", "a predicate where a scorer is due", "`gate(p, s)` scores 0 where a predicate refuses"),
        ("PIR0126", '"price"', 'the name `"price"` in double quotes', "write `price`"),
        ("PIR0201", "true", "`true` where a scorer is due", None),
        (
            "PIR0203",
            "zero",
            "`zero` makes a scorer where a predicate is due",
            "a score is compared by `test(s >= 0.5)`",
        ),
    ],
    "rank tier >= x": [
        ("PIR0203", "tier", "a predicate where a scorer is due", "`gate(p, s)` scores 0 where a predicate refuses"),
    ],
    "select neg(x)": [
        (
            "PIR0203",
            "neg",
            "`neg` makes a scorer where a selector is due",
            "a scorer stands after `rank`; `rank_by` sorts again inside a selector",
        ),
    ],
    "select a and b": [
        ("PIR0202", "a", "`a` is not a selector", None),
    ],
    "select 3": [
        ("PIR0201", "3", "`3` where a selector is due", None),
    ],
    "select abort": [
        ("PIR0203", "abort", "a failure plan where a selector is due", None),
    ],
    "mutate has_tee": [
        ("PIR0202", "has_tee", "`has_tee` is not a transform", None),
    ],
    "fallback argmax": [
        ("PIR0203", "argmax", "`argmax` makes a selector where a failure plan is due", None),
    ],
    "filter 25 >= price_out and 3 < a < 5 and (b) >= 3": [
        ("PIR0121", "25", "`25` cannot be compared here", "write the field first: `price_out <= 25`"),
        ("PIR0121", "3", "`3` cannot be compared here", "write the field first: `price_out <= 25`"),
        ("PIR0121", ">=", "`>=` cannot be compared here", "a score is compared by `test(s >= 0.5)`"),
    ],
    'filter tier > partner and tier < "x" and provider >= "x" and tier': [
        ("PIR0122", ">", "`tier` has no `>`", "`tier >= x`, `not tier >= x`, `tier == x` or `tier in {x, y}`"),
        ("PIR0122", "<", "`tier` has no `<`", "`tier >= x`, `not tier >= x`, `tier == x` or `tier in {x, y}`"),
        ("PIR0122", ">=", "`provider` has no `>=`", None),
        ("PIR0127", "tier", "`tier` alone is no predicate", "a field of this name is written in backticks"),
    ],
    'filter provider == openai and has_cap(tools) and region == "eu" and context >= min_context and has_cap(`a`)': [
        ("PIR0125", "openai", "the value `openai` without double quotes", 'write `"openai"`'),
        ("PIR0125", "tools", "the value `tools` without double quotes", 'write `"tools"`'),
        ("PIR0121", '"eu"', '`"eu"` cannot be compared here', 'whether a tag is one of several: `in {"eu"}`'),
        (
            "PIR0121",
            "min_context",
            "`min_context` cannot be compared here",
            "a field is compared with a number, a score by `test(s >= 0.5)`",
        ),
        ("PIR0125", "`a`", "the value ``a`` without double quotes", 'write `"a"`'),
    ],
    "filter provider == 3 and has_cap(true)": [
        ("PIR0205", "3", "`3` where a string in double quotes is due", None),
        ("PIR0125", "true", "the value `true` without double quotes", 'write `"true"`'),
    ],
    "policy filter a rank b": [
        ("PIR0102", "filter", "`{` is missing after `policy`", "the clauses of a policy stand in braces"),
    ],
    "policy": [
        ("PIR0102", "", "`{` is missing after `policy`", "the clauses of a policy stand in braces"),
    ],
    "filter a rank b": [
        ("PIR0124", "rank", "`rank` after another clause", "the clauses of one policy stand inside `policy { … }`"),
    ],
    "meets_req and x": [
        (
            "PIR0123",
            "meets_req",
            "`meets_req` starts no clause",
            "a predicate stands after `filter`, a scorer after `rank`, a selector after `select`",
        ),
    ],
    '["and", ["meets_req"]]': [
        ("PIR0123", "[", "`[` starts no clause", "this looks like the wire syntax"),
    ],
    "{ filter a }": [
        ("PIR0123", "{", "`{` starts no clause", None),
    ],
    "polcy { filter a b }": [
        ("PIR0123", "polcy", "`polcy` starts no clause", "did you mean `policy`?"),
        ("PIR0129", "b", "`and` is missing before `b`", None),
    ],
    "filtr a b": [
        ("PIR0123", "filtr", "`filtr` starts no clause", "did you mean `filter`?"),
        ("PIR0129", "b", "`and` is missing before `b`", None),
    ],
    "policy { filtr a\n  rnak b\n  selct argmax\n}": [
        ("PIR0102", "filtr", "`filtr` starts no clause", "did you mean `filter`?"),
        ("PIR0129", "rnak", "`rnak` starts no clause", "did you mean `rank`?"),
        ("PIR0129", "selct", "`selct` starts no clause", "did you mean `select`?"),
    ],
    "policy { foo bar filter a }": [
        ("PIR0102", "foo", "`foo` starts no clause", None),
    ],
    "policy { filter a } rank b": [
        ("PIR0107", "rank b", "text after the policy", None),
    ],
    "policy { filter a } x y": [
        ("PIR0107", "x y", "text after the policy", None),
    ],
    "policy { } }": [
        ("PIR0107", "}", "text after the policy", None),
    ],
    "policy { filter a": [
        ("PIR0103", "{", "`{` is not closed", "the text ends where `}` is due"),
    ],
    "policy {": [
        ("PIR0103", "{", "`{` is not closed", "the text ends where `}` is due"),
    ],
    "filter a }": [
        ("PIR0104", "}", "`}` closes nothing", None),
    ],
    "policy { filter (a and b rank normalize(x select argmax }": [
        ("PIR0103", "(", "`(` is not closed", "`)` is due before the end of the clause"),
        ("PIR0103", "(", "`(` is not closed", "`)` is due before the end of the clause"),
    ],
    "policy { fallback retry_same(attempts: 2 }": [
        ("PIR0103", "(", "`(` is not closed", "`)` is due before the end of the clause"),
    ],
    'policy { filter region in {"eu" }': [
        ("PIR0103", "{", "`{` is not closed", "`}` is due before the end of the clause"),
    ],
    "filter a) and b]": [
        ("PIR0104", ")", "`)` closes nothing", None),
        ("PIR0104", "]", "`]` closes nothing", None),
    ],
    "filter (a] and b": [
        ("PIR0104", "]", "`]` does not close `(`", None),
    ],
    "filter known(a] and b": [
        ("PIR0104", "]", "`]` does not close `(`", None),
    ],
    "filter test(neg(a >= 3 ) and b": [
        ("PIR0203", ">=", "a predicate where a scorer is due", "`gate(p, s)` scores 0 where a predicate refuses"),
        ("PIR0203", "and", "a predicate where a scorer is due", "`gate(p, s)` scores 0 where a predicate refuses"),
    ],
    "filter {": [
        ("PIR0102", "{", "`{` cannot stand here", None),
    ],
    'filter a <= "5" and b == true and Provider == "c" and d e': [
        ("PIR0121", '"5"', '`"5"` cannot be compared here', "numbers are written without quotes"),
        (
            "PIR0121",
            "true",
            "`true` cannot be compared here",
            "a boolean field stands alone: `disabled`, `not disabled`",
        ),
        ("PIR0121", '"c"', '`"c"` cannot be compared here', "did you mean `provider`?"),
        ("PIR0129", "e", "`and` is missing before `e`", None),
    ],
    'filter a AND b Or NOT c and d IN {"x"} and f g': [
        ("PIR0119", "AND", "`AND` is not an operator of the language", "write `and`"),
        ("PIR0119", "Or", "`Or` is not an operator of the language", "write `or`"),
        ("PIR0119", "NOT", "`NOT` is not an operator of the language", "write `not`"),
        ("PIR0119", "IN", "`IN` is not an operator of the language", "write `in`"),
        ("PIR0129", "g", "`and` is missing before `g`", None),
    ],
    "rank a AND NOT b": [
        ("PIR0129", "AND", "`+` is missing before `AND`", None),
        ("PIR0129", "NOT", "`+` is missing before `NOT`", None),
        ("PIR0129", "b", "`+` is missing before `b`", None),
    ],
    "filter a b not c": [
        ("PIR0129", "b", "`and` is missing before `b`", None),
        ("PIR0129", "not", "`and` is missing before `not`", None),
    ],
    "filter a\n       not b": [
        ("PIR0129", "not", "`and` is missing before `not`", None),
    ],
    "rank x y 0.5 * z -1": [
        ("PIR0129", "y", "`+` is missing before `y`", None),
        ("PIR0129", "0.5", "`+` is missing before `0.5`", None),
        (
            "PIR0120",
            "-1",
            "scorers are not subtracted",
            "there is no subtraction: `neg(s)` is 1 - s, and `-1 * s` can be added",
        ),
    ],
    "filter gate(a b) >= 3 and and(a b)": [
        (
            "PIR0203",
            "gate",
            "`gate` makes a scorer where a predicate is due",
            "a score is compared by `test(s >= 0.5)`",
        ),
        ("PIR0105", "b", "`,` is missing before `b`", None),
    ],
    "rank gate(a b, c) + gate(a b)": [
        ("PIR0129", "b", "`and` is missing before `b`", None),
        ("PIR0105", "b", "`,` is missing before `b`", None),
    ],
    "select top_k(3 argmax)": [
        ("PIR0105", "argmax", "`,` is missing before `argmax`", None),
    ],
    "select top_k(3)": [
        ("PIR0204", "top_k", "`top_k` takes 2 arguments, found 1", None),
    ],
    "select top_k(3,)": [
        ("PIR0204", "top_k", "`top_k` takes 2 arguments, found 1", None),
    ],
    "select top_k(3, argmax, argmax)": [
        ("PIR0204", "top_k", "`top_k` takes 2 arguments, found 3", None),
    ],
    "rank neg() + neg(a, b) + add()": [
        ("PIR0204", "neg", "`neg` takes 1 argument, found none", None),
        ("PIR0204", "neg", "`neg` takes 1 argument, found 2", None),
        ("PIR0204", "add", "`add` takes one or more arguments, found none", None),
    ],
    "filter meets_req() and top()": [
        ("PIR0204", "meets_req", "`meets_req` takes no arguments", "write it without parentheses"),
        ("PIR0204", "top", "`top` takes no arguments", "write it without parentheses"),
    ],
    "select argmax()": [
        ("PIR0204", "argmax", "`argmax` takes no arguments", "write it without parentheses"),
    ],
    "select top_k(x, argmx)": [
        ("PIR0205", "x", "`x` where a number is due", None),
        ("PIR0202", "argmx", "`argmx` is not a selector", "did you mean `argmax`?"),
    ],
    'mutate set_param("a", high); set_param(b, [1]); custom(c); drop_param(3);'
    ' frobnicate(2); set_param("a", True); set_param("b", NaN)': [
        ("PIR0125", "high", "the value `high` without double quotes", 'write `"high"`'),
        ("PIR0125", "b", "the value `b` without double quotes", 'write `"b"`'),
        ("PIR0205", "[", "`[` where a number, a string, `true` or `false` is due", None),
        ("PIR0125", "c", "the value `c` without double quotes", 'write `"c"`'),
        ("PIR0205", "3", "`3` where a string in double quotes is due", None),
        ("PIR0202", "frobnicate", "`frobnicate` is not a transform", None),
        ("PIR0205", "True", "`True` where a number, a string, `true` or `false` is due", "write `true`"),
        ("PIR0112", "NaN", "`NaN` is not a number of the language", None),
    ],
    "mutate when(a, id; id); seq(id; id)": [
        ("PIR0128", ";", "`;` between arguments", "put a sequence in parentheses: `when(p, (a; b))`"),
        ("PIR0128", ";", "`;` between arguments", "put a sequence in parentheses: `when(p, (a; b))`"),
    ],
    "mutate id, id": [
        ("PIR0128", ",", "`,` where `;` is due", None),
    ],
    'mutate drop_param("a") drop_param("b")': [
        ("PIR0105", "drop_param", "`;` is missing before `drop_param`", None),
    ],
    "mutate (id, id)": [
        ("PIR0128", ",", "`,` where `;` is due", None),
    ],
    "filter a, b; c": [
        ("PIR0128", ",", "`,` where `and` is due", None),
        ("PIR0128", ";", "`;` where `and` is due", "`;` separates transforms"),
    ],
    "rank a, b; c": [
        ("PIR0128", ",", "`,` where `+` is due", None),
        ("PIR0128", ";", "`;` where `+` is due", "`;` separates transforms"),
    ],
    "select argmax; argmax": [
        ("PIR0102", "argmax", "`argmax` cannot stand here", None),
    ],
    "select argmax;; ": [
        ("PIR0102", ";", "`;` cannot stand here", None),
    ],
    "fallback abort, on x: abort; on y: abort": [
        ("PIR0102", ",", "`,` cannot stand here", None),
        ("PIR0128", ";", "`;` before `on`", "leave it out"),
    ],
    "fallback abort on rate_limit abort": [
        ("PIR0105", "abort", "`:` is missing before `abort`", None),
    ],
    "fallback retry_sam on x: disable on y: 3 on z: always(abort)": [
        ("PIR0207", "retry_sam", "`retry_sam` is not an action", "did you mean `retry_same`?"),
        ("PIR0207", "disable", "`disable` is not an action", "did you mean `disable_provider`?"),
        ("PIR0201", "3", "`3` where an action is due", None),
        ("PIR0207", "always", "`always` is not an action", None),
    ],
    'fallback abort(attempts: two, backoff_ms: [], then_action: foo, foo: NaN, attempts = 3, 3: 4, "x": 5)': [
        ("PIR0205", "two", "`two` where a number, a list of numbers or an action is due", None),
        ("PIR0207", "foo", "`foo` is not an action", None),
        ("PIR0112", "NaN", "`NaN` is not a number of the language", None),
        ("PIR0114", "attempts", "the key `attempts` occurs twice", None),
        ("PIR0119", "=", "`=` is not an operator of the language", "write `==` to compare, `:` in a setting"),
        ("PIR0102", "3", "`3` cannot stand here", None),
        ("PIR0126", '"x"', 'the name `"x"` in double quotes', "write `x`"),
    ],
    "fallback abort(attempts: 3; backoff_ms: 3)": [
        ("PIR0128", ";", "`;` where `,` is due", None),
    ],
    "fallback retry_same(attempts: 1, attempts: 2, action: 3, backoff_ms:"
    " abort, then_action: 3, x: [1], then_action: retry_same)": [
        ("PIR0114", "attempts", "the key `attempts` occurs twice", None),
        ("PIR0114", "action", "the key `action` occurs twice", "the word before the settings gives it"),
        ("PIR0205", "abort", "`abort` where `backoff_ms` takes a number", None),
        ("PIR0205", "3", "`3` where `then_action` takes an action", None),
        ("PIR0205", "[1]", "a list where `x` takes a number", None),
        ("PIR0114", "then_action", "the key `then_action` occurs twice", None),
    ],
    'filter provider in ("a", "b") and region in "eu" and x in {}'
    ' and y in {"a" "b"} and z in {"a",,"b"} and w in {a, 3}': [
        ("PIR0102", "(", "`(` cannot stand here", 'values stand in braces: `in {"a", "b"}`'),
        ("PIR0102", '"eu"', '`"eu"` cannot stand here', 'values stand in braces: `in {"a", "b"}`'),
        ("PIR0210", "{}", "an empty list", None),
        ("PIR0105", '"b"', '`,` is missing before `"b"`', None),
        ("PIR0102", ",", "`,` cannot stand here", None),
        ("PIR0125", "a", "the value `a` without double quotes", 'write `"a"`'),
        ("PIR0205", "3", "`3` where a string in double quotes is due", None),
    ],
    'filter x not in {} and y in {"a"; "b"}': [
        ("PIR0210", "{}", "an empty list", None),
        ("PIR0128", ";", "`;` where `,` is due", None),
    ],
    'filter "context" >= 3 and known("price") and is(filter) and known(`a`, b) and known("bench-x") and in and "x"': [
        ("PIR0126", '"context"', 'the name `"context"` in double quotes', "write `context`"),
        ("PIR0126", '"price"', 'the name `"price"` in double quotes', "write `price`"),
        ("PIR0127", "filter", "`filter` is a reserved word", "as a name it is written in backticks"),
        ("PIR0204", "known", "`known` takes 1 argument, found 2", None),
        ("PIR0126", '"bench-x"', 'the name `"bench-x"` in double quotes', "use backticks"),
        ("PIR0127", "in", "`in` is a reserved word", "as a name it is written in backticks"),
        ("PIR0201", '"x"', '`"x"` where a predicate is due', None),
    ],
    "filter known(neg(x)) and b": [
        ("PIR0205", "neg", "a function where a name is due", None),
    ],
    "filter has_cap(neg(x)) and b": [
        ("PIR0125", "neg", "the value `neg` without double quotes", 'write `"neg"`'),
    ],
    "policy { rank on + 1 filter a and on mutate id }": [
        ("PIR0127", "on", "`on` is a reserved word", "as a name it is written in backticks"),
        ("PIR0127", "on", "`on` is a reserved word", "as a name it is written in backticks"),
    ],
    "filter filter >= 3": [
        ("PIR0127", "filter", "`filter` is a reserved word", "as a name it is written in backticks"),
    ],
    "filter provider (x) and b": [
        ("PIR0202", "provider", "the language has no function `provider`", "did you mean `provider_eq`?"),
    ],
    "filter not": [
        ("PIR0102", "", "the clause ends where a predicate is due", None),
    ],
    "filter and b": [
        ("PIR0102", "and", "nothing stands before `and`", None),
    ],
    "filter a and and b": [
        ("PIR0102", "and", "nothing stands before `and`", None),
    ],
    "filter a or and(b) or": [
        ("PIR0102", "", "the clause ends where a predicate is due", None),
    ],
    "filter cmp(a, >=, 3) and cmp(a, gte, 3) and cmp(a, zzz, 3) and test(a ge 3) and cmp(a ge 3)": [
        ("PIR0206", ">=", "`>=` is not a relation in the function form", "write `ge`"),
        ("PIR0206", "gte", "`gte` is not a relation in the function form", "write `gt`"),
        ("PIR0206", "zzz", "`zzz` is not a relation in the function form", None),
        ("PIR0105", "ge", "`,` is missing before `ge`", None),
        ("PIR0105", "3", "`,` is missing before `3`", None),
        ("PIR0105", "ge", "`,` is missing before `ge`", None),
        ("PIR0105", "3", "`,` is missing before `3`", None),
    ],
    "rank 0.7 * a - 0.3 * b + x * 0.5 + a / 3 + +5 + a % 2": [
        (
            "PIR0120",
            "-",
            "`-` is not an operation of scorers",
            "there is no subtraction: `neg(s)` is 1 - s, and `-1 * s` can be added",
        ),
        ("PIR0120", "*", "only a number multiplies a scorer", "the number comes first: `0.5 * s`"),
        (
            "PIR0120",
            "/",
            "`/` is not an operation of scorers",
            "there is no division: multiply by a number, `0.01 * s`",
        ),
        ("PIR0109", "+", "`+5` is not a number", "leave out the `+`"),
        (
            "PIR0120",
            "%",
            "`%` is not an operation of scorers",
            "scorers are added with `+` and multiplied by a number with `*`",
        ),
    ],
    "rank 1_000_ + 0x10 + .5 + 5. + 007 + 1e + 32k + 1_e3 + -.5": [
        ("PIR0109", "1_000_", "`1_000_` is not a number", "a `_` stands between two digits, before the exponent"),
        ("PIR0109", "0x10", "`0x10` is not a number", "numbers are written in decimal"),
        ("PIR0109", ".5", "`.5` is not a number", "write a digit before the point"),
        ("PIR0109", "5.", "`5.` is not a number", "write a digit after the point"),
        ("PIR0109", "007", "`007` is not a number", "leave out the leading zeros"),
        ("PIR0109", "1e", "`1e` is not a number", None),
        ("PIR0109", "32k", "`32k` is not a number", "write the number out: `32_000`"),
        ("PIR0109", "1_e3", "`1_e3` is not a number", "a `_` stands between two digits, before the exponent"),
        ("PIR0109", "-.5", "`-.5` is not a number", "write a digit before the point"),
    ],
    "rank 1e999 + 1e-999": [
        ("PIR0110", "1e999", "`1e999` overflows binary64", None),
        ("PIR0111", "1e-999", "`1e-999` underflows to 0", None),
    ],
    "filter 'x' and “y” and `a": [
        ("PIR0117", "'x'", "`'x'` is in single quotes", None),
        ("PIR0101", "“y”", "`“` starts no token", "strings are written in straight double quotes"),
        (
            "PIR0108",
            "`a",
            "a name in backticks is not closed before the end of its line",
            "close it with a backtick; a line break in it is written `\\n`",
        ),
    ],
    'filter has_cap("abc) and b': [
        (
            "PIR0108",
            '"abc) and b',
            "a string is not closed before the end of its line",
            'close it with `"`; a line break in it is written `\\n`',
        ),
    ],
    'filter has_cap("a\\q\\u12") and `a\\q` and has_cap("\\ud800")': [
        (
            "PIR0108",
            "\\q",
            "`\\q` is not an escape",
            'the escapes are `\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u` with four digits',
        ),
        (
            "PIR0108",
            "\\u",
            "`\\u` is not an escape",
            'the escapes are `\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u` with four digits',
        ),
        (
            "PIR0108",
            "\\q",
            "`\\q` is not an escape",
            'the escapes are `\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u` with four digits',
        ),
        (
            "PIR0113",
            "\\ud800",
            "a lone surrogate in a string",
            "write the character itself, or both halves of its surrogate pair",
        ),
    ],
    "filter bench-x >= 3 and price.out < 3 and é and a$b and a b and prix_é and a.": [
        (
            "PIR0101",
            "bench-x",
            "`bench-x` is not a name",
            "write it in backticks if it is one name; there is no subtraction",
        ),
        ("PIR0101", "price.out", "`price.out` is not a name", "write it in backticks if it is one name"),
        ("PIR0101", "é", "`é` is not a name", "write it in backticks if it is one name"),
        ("PIR0101", "$", "`$` starts no token", None),
        ("PIR0129", "b", "`and` is missing before `b`", None),
        ("PIR0101", "prix_é", "`prix_é` is not a name", "write it in backticks if it is one name"),
        ("PIR0101", ".", "`.` starts no token", None),
    ],
    "r-a": [
        ("PIR0101", "r-a", "`r-a` is not a name", "write it in backticks if it is one name; there is no subtraction"),
    ],
    "filter a \u200band b": [
        ("PIR0101", "\u200b", "`\\u200b` starts no token", "between tokens stand only spaces, tabs and line ends"),
    ],
    'select chain("a": "b", {provider: "x", mdel: "y"}, {}, {provider: 3}, "a")': [
        ("PIR0209", '{provider: "x", mdel: "y"}', "a chain entry without `model`", None),
        ("PIR0208", "mdel", "`mdel` is not a key of a chain entry", "did you mean `model`?"),
        ("PIR0209", "{}", "a chain entry without `provider`", None),
        ("PIR0209", "{}", "a chain entry without `model`", None),
        ("PIR0209", "{provider: 3}", "a chain entry without `model`", None),
        ("PIR0205", "3", "`3` where a string in double quotes is due", None),
        ("PIR0102", ")", "`)` cannot stand here", 'an entry is a provider and a model: `"a": "b"`'),
    ],
    'select chain("a", "b")': [
        ("PIR0102", ",", "`,` cannot stand here", 'an entry is a provider and a model: `"a": "b"`'),
        ("PIR0102", ")", "`)` cannot stand here", 'an entry is a provider and a model: `"a": "b"`'),
    ],
    'select chain({provider "a"}, {provider: "a", provider: "b", model: "c"})': [
        ("PIR0105", '"a"', '`:` is missing before `"a"`', None),
        ("PIR0114", "provider", "the key `provider` occurs twice", None),
    ],
    'mutate filter_text("a", {x: 3, x: 4}, {x: "y"}, b, {filter: 3})': [
        ("PIR0114", "x", "the key `x` occurs twice", None),
        ("PIR0205", '"y"', '`"y"` where a number is due', None),
        ("PIR0125", "b", "the value `b` without double quotes", 'write `"b"`'),
        ("PIR0127", "filter", "`filter` is a reserved word", "as a name it is written in backticks"),
    ],
    "policy { filter a filter b rank c rank d }": [
        (
            "PIR0118",
            "filter",
            "`filter` occurs twice",
            "join predicates with `and`, scorers with `+`, transforms with `;`",
        ),
        ("PIR0118", "rank", "`rank` occurs twice", "join predicates with `and`, scorers with `+`, transforms with `;`"),
    ],
    "# nothing": [
        ("PIR0005", "", "the text holds no term", None),
    ],
    'filter has_cap("a\tb")': [
        ("PIR0108", "\t", "a control character in a string", "write it as `\\u0009`"),
    ],
    "fallback abort(foo(3))": [
        ("PIR0102", "foo", "a function where a name is due", None),
    ],
    "filter a and (b or": [
        ("PIR0103", "(", "`(` is not closed", "`)` is due before the end of the clause"),
    ],
    "filter (a and )": [
        ("PIR0102", ")", "`)` cannot stand here", None),
    ],
    "filter ()": [
        ("PIR0102", ")", "`)` cannot stand here", None),
    ],
    "rank ;": [
        ("PIR0102", ";", "`;` cannot stand here", None),
    ],
    "rank clamp(0, , a)": [
        ("PIR0102", ",", "`,` cannot stand here", None),
    ],
    "rank a + * b": [
        ("PIR0102", "*", "`*` cannot stand here", None),
    ],
    "select (argmax": [
        ("PIR0103", "(", "`(` is not closed", "`)` is due before the end of the clause"),
    ],
    "filter a and rank b": [
        ("PIR0102", "", "the clause ends where a predicate is due", None),
        ("PIR0124", "rank", "`rank` after another clause", "the clauses of one policy stand inside `policy { … }`"),
    ],
    "policy { filter a; b rank c }": [
        ("PIR0128", ";", "`;` where `and` is due", "`;` separates transforms"),
    ],
    "fallback override(abort, x abort)": [
        ("PIR0105", "abort", "`,` is missing before `abort`", None),
    ],
    "fallback (abort on x: abort": [
        ("PIR0103", "(", "`(` is not closed", "`)` is due before the end of the clause"),
    ],
    "policy rank a": [
        ("PIR0102", "rank", "`{` is missing after `policy`", "the clauses of a policy stand in braces"),
    ],
    "filter a ? b": [
        ("PIR0101", "?", "`?` starts no token", None),
    ],
    'mutate set_param("a", (3))': [
        ("PIR0205", "(", "`(` where a number, a string, `true` or `false` is due", None),
    ],
    "filter test(a >= b)": [
        (
            "PIR0121",
            "b",
            "`b` cannot be compared here",
            "a field is compared with a number, a score by `test(s >= 0.5)`",
        ),
    ],
    'fallback abort(then_action: "abort")': [
        ("PIR0205", '"abort"', '`"abort"` where a number, a list of numbers or an action is due', None),
    ],
    'mutate clamp_param("a", 0 1)': [
        ("PIR0105", "1", "`,` is missing before `1`", None),
    ],
    'filter in {"a"}': [
        ("PIR0127", "in", "`in` is a reserved word", "as a name it is written in backticks"),
    ],
    "policy { filter a } }": [
        ("PIR0107", "}", "text after the policy", None),
    ],
    "filter a `b`": [
        ("PIR0129", "`b`", "`and` is missing before ``b``", None),
    ],
    'filter a "b"': [
        ("PIR0102", '"b"', '`"b"` cannot stand here', None),
    ],
    "fallback abort on x: abort on x": [
        ("PIR0102", "", "the clause ends where `:` is due", None),
    ],
    "fallback abort(attempts == 3)": [
        ("PIR0102", "==", "`==` cannot stand here", None),
    ],
    "filter a and (b c) and ()": [
        ("PIR0129", "c", "`and` is missing before `c`", None),
        ("PIR0102", ")", "`)` cannot stand here", None),
    ],
    "filter not (a b)": [
        ("PIR0129", "b", "`and` is missing before `b`", None),
    ],
    'mutate filter_text("a" "b", )': [
        ("PIR0105", '"b"', '`,` is missing before `"b"`', None),
    ],
    'filter a\n  and provider == "x" "y"': [
        ("PIR0102", '"y"', '`"y"` cannot stand here', None),
    ],
    "filter region in": [
        ("PIR0102", "", "the clause ends where `{` is due", 'values stand in braces: `in {"a", "b"}`'),
    ],
    "filter tier in {partner, 3}": [
        ("PIR0205", "3", "`3` where a name is due", None),
    ],
    "filter tier >= 3": [
        ("PIR0205", "3", "`3` where a name is due", None),
    ],
    "policy { filter a & b select }": [
        ("PIR0119", "&", "`&` is not an operator of the language", "write `and`"),
        ("PIR0102", "", "the clause ends where a selector is due", None),
    ],
    'filter "x y" in {"a"}': [
        ("PIR0126", '"x y"', 'the name `"x y"` in double quotes', "use backticks"),
    ],
    'rank 2 * "price" + "a b"': [
        ("PIR0126", '"price"', 'the name `"price"` in double quotes', "write `price`"),
        ("PIR0126", '"a b"', 'the name `"a b"` in double quotes', "use backticks"),
    ],
    "rank (a\n  b": [
        ("PIR0129", "b", "`+` is missing before `b`", None),
        ("PIR0103", "(", "`(` is not closed", "`)` is due before the end of the clause"),
    ],
    "policy { } rank b": [
        ("PIR0107", "rank b", "text after the policy", None),
    ],
    "policy { mutate (} filter a }": [
        ("PIR0103", "(", "`(` is not closed", "`)` is due before `}`"),
    ],
    "policy { filter (a }\n rank b }": [
        ("PIR0103", "(", "`(` is not closed", "`)` is due before `}`"),
    ],
    "rank a ] (b)": [
        ("PIR0104", "]", "`]` closes nothing", None),
    ],
    "filter tier -": [
        ("PIR0127", "tier", "`tier` alone is no predicate", "a field of this name is written in backticks"),
        (
            "PIR0120",
            "-",
            "`-` is not an operation of scorers",
            "there is no subtraction: `neg(s)` is 1 - s, and `-1 * s` can be added",
        ),
    ],
    "filter a and (b] and c": [
        ("PIR0104", "]", "`]` does not close `(`", None),
    ],
    "rank not a": [
        ("PIR0203", "not", "a predicate where a scorer is due", "`gate(p, s)` scores 0 where a predicate refuses"),
    ],
    'policy { filter provider == "a" or provder == "b" }': [
        ("PIR0121", '"b"', '`"b"` cannot be compared here', 'whether a tag is one of several: `in {"b"}`'),
    ],
    'mutate set_param("a", `b`)': [
        ("PIR0125", "`b`", "the value ``b`` without double quotes", 'write `"b"`'),
    ],
    "mutate jitter(temperature, 0.1)": [
        ("PIR0125", "temperature", "the value `temperature` without double quotes", 'write `"temperature"`'),
    ],
    "filter a and policy { filter b }": [
        ("PIR0127", "policy", "`policy` is a reserved word", "as a name it is written in backticks"),
        ("PIR0124", "filter", "`filter` after another clause", "the clauses of one policy stand inside `policy { … }`"),
        (
            "PIR0118",
            "filter",
            "`filter` occurs twice",
            "join predicates with `and`, scorers with `+`, transforms with `;`",
        ),
        ("PIR0104", "}", "`}` closes nothing", None),
    ],
    "fallback on x: abort": [
        ("PIR0207", "on", "`on` is not an action", None),
    ],
    "fallback abort on x abort on: abort": [
        ("PIR0105", "abort", "`:` is missing before `abort`", None),
        ("PIR0102", ":", "`:` cannot stand here", None),
    ],
    "filter 0.5 >= 0.3": [
        ("PIR0121", "0.5", "`0.5` cannot be compared here", "write the field first: `price_out <= 25`"),
    ],
    'rank "a': [
        (
            "PIR0108",
            '"a',
            "a string is not closed before the end of its line",
            'close it with `"`; a line break in it is written `\\n`',
        ),
    ],
    'filter a <= "b c"': [
        ("PIR0121", '"b c"', '`"b c"` cannot be compared here', 'whether a tag is one of several: `in {"b c"}`'),
    ],
    "select sample(NaN)": [
        ("PIR0112", "NaN", "`NaN` is not a number of the language", None),
    ],
    "policy { filter a } # end\n# more\n}": [
        ("PIR0107", "}", "text after the policy", None),
    ],
    "filter (((a) and b": [
        ("PIR0103", "(", "`(` is not closed", "`)` is due before the end of the clause"),
    ],
    "filter {a: 3}": [
        ("PIR0102", "{", "`{` cannot stand here", None),
    ],
    "select rank_by(a and b, argmax)": [
        ("PIR0203", "and", "a predicate where a scorer is due", "`gate(p, s)` scores 0 where a predicate refuses"),
    ],
    "select prefer(a + b, argmax)": [
        ("PIR0203", "+", "a scorer where a predicate is due", "a score is compared by `test(s >= 0.5)`"),
    ],
    "filter `a` `b`": [
        ("PIR0129", "`b`", "`and` is missing before ``b``", None),
    ],
    "filter a and b; ;": [
        ("PIR0128", ";", "`;` where `and` is due", "`;` separates transforms"),
        ("PIR0102", ";", "`;` cannot stand here", None),
    ],
    "rank 1 -2": [
        (
            "PIR0120",
            "-2",
            "scorers are not subtracted",
            "there is no subtraction: `neg(s)` is 1 - s, and `-1 * s` can be added",
        ),
    ],
    "rank a -x": [
        (
            "PIR0120",
            "-",
            "`-` is not an operation of scorers",
            "there is no subtraction: `neg(s)` is 1 - s, and `-1 * s` can be added",
        ),
    ],
    "filter a -3": [
        ("PIR0102", "-3", "`-3` cannot stand here", None),
    ],
    "filter x = y": [
        ("PIR0119", "=", "`=` is not an operator of the language", "write `==` to compare, `:` in a setting"),
        (
            "PIR0121",
            "y",
            "`y` cannot be compared here",
            "a field is compared with a number, a score by `test(s >= 0.5)`",
        ),
    ],
    'filter has_cap "x"': [
        ("PIR0102", '"x"', '`"x"` cannot stand here', None),
    ],
    "policy { select argmax filter top fallback abort ) }": [
        ("PIR0104", ")", "`)` closes nothing", None),
    ],
    "filter \\": [
        ("PIR0101", "\\", "`\\` starts no token", None),
    ],
    'mutate clamp_param("a", lo: 0, hi: 1)': [
        ("PIR0205", "lo", "`lo` where a number is due", None),
        ("PIR0102", ":", "`:` cannot stand here", None),
        ("PIR0205", "hi", "`hi` where a number is due", None),
        ("PIR0102", ":", "`:` cannot stand here", None),
    ],
    'filter x in {"a"': [
        ("PIR0103", "{", "`{` is not closed", "`}` is due before the end of the clause"),
    ],
    "filter a /* no */": [
        ("PIR0101", "/*", "`/*` starts no token", "a comment starts with `#` or `//` and ends with its line"),
    ],
}
"""Texts with what is found in them: code, what it points at, message, help."""


def refused(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(Refused) as caught:
        parse_authoring(text)
    return caught.value.diagnostics


@pytest.mark.parametrize("text", REFUSALS, ids=range(len(REFUSALS)))
def test_a_slip_is_named_where_it_is_with_what_was_meant(text: str) -> None:
    found = [
        (each.code.code, text[each.span.start : each.span.end] if each.span else "", each.message, each.help)
        for each in refused(text)
    ]
    assert found == REFUSALS[text]


def test_every_code_of_the_authoring_syntax_alone_is_shown() -> None:
    shown = {code for found in REFUSALS.values() for code, *_ in found}
    assert {code for code in CODES if "PIR0118" <= code <= "PIR0139"} <= shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("filter a b", "`and`"),
        ("filter a <", "a number"),
        ("filter a ]", None),
        ("filter provider", "`==`, `!=` or `in` after `provider`"),
        ("filter a `b` c", "`and`"),
        ("select", "a selector"),
        ("mutate", "a transform"),
        ("fallback", "a failure plan"),
        ("fallback abort on x:", "an action"),
        ("fallback abort(a:", "`)`"),
        ("fallback abort(a: )", "a number, a list of numbers or an action"),
        ("filter a and: b", "a predicate"),
        ("filter a : b", "`and`, `or`, a relation, `in` or the end of the clause"),
        ("policy {", "`}`"),
        ("rank a 'b", "a string in double quotes"),
    ],
)
def test_what_is_due_is_said(text: str, expected: str | None) -> None:
    assert refused(text)[0].expected == expected


def test_refusals_come_in_source_order_with_the_document_they_are_in() -> None:
    with pytest.raises(Refused) as caught:
        parse_authoring('policy { filter a && b rank "x" select 3 }', name="house.policy")
    found = caught.value.diagnostics
    assert [each.code.code for each in found] == ["PIR0119", "PIR0126", "PIR0201"]
    assert found == in_source_order(found)
    assert {each.source for each in found} == {"house.policy"}
    assert caught.value.document is not None
    assert caught.value.document.term is None
    assert [caught.value.document.position(each.span.start) for each in found if each.span] == [
        (1, 19),
        (1, 29),
        (1, 40),
    ]


def test_the_end_of_the_text_is_the_end_of_its_last_token() -> None:
    text = "filter a and  # why\n\n"
    (found,) = refused(text)
    assert found.span is not None
    assert (found.span.start, found.span.end) == (12, 12)


def test_errors_in_one_clause_do_not_hide_those_in_the_next() -> None:
    found = refused("policy { filter ((( rank a) select foo mutate ; fallback bar }")
    assert [each.code.code for each in found] == ["PIR0103", "PIR0104", "PIR0202", "PIR0102", "PIR0207"]


def test_what_is_found_in_the_term_has_its_pointer_also_after_an_error_elsewhere() -> None:
    found = refused("policy { filter a && b rank 1e999 fallback abort on x: abort(a: 1, a: 2) }")
    assert [(each.code.code, each.pointer) for each in found] == [
        ("PIR0119", None),
        ("PIR0110", "/2/1"),
        ("PIR0114", "/5/3/a"),
    ]
    assert [each.pointer for each in refused("rank 1e999 b")] == ["/1/1", None]


def test_a_text_without_a_term_says_so() -> None:
    assert [each.code.code for each in refused(" ")] == ["PIR0005"]
    assert [each.code.code for each in refused("# only a comment")] == ["PIR0005"]
    assert [each.code.code for each in refused("?")] == ["PIR0101"]


def test_a_lone_surrogate_is_refused_wherever_it_stands() -> None:
    for text in ("filter a # \ud800", 'filter has_cap("\udfff")', "\ud800"):
        assert [(each.code.code, each.found) for each in refused(text)] in (
            [("PIR0113", "U+D800")],
            [("PIR0113", "U+DFFF")],
        )


def test_a_byte_order_mark_is_refused() -> None:
    assert [each.code.code for each in refused("\ufefffilter a")] == ["PIR0003"]
