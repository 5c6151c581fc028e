"""How authoring text is laid out, and where comments go."""

from __future__ import annotations

from textwrap import dedent

import pytest

from policy_ir.syntax.authoring import parse_authoring, print_authoring
from policy_ir.syntax.document import Document
from policy_ir.syntax.wire import parse_wire


def formatted(text: str, width: int = 100) -> str:
    once = print_authoring(parse_authoring(dedent(text)), width=width)
    assert print_authoring(parse_authoring(once), width=width) == once
    return once


def check(text: str, expected: str, width: int = 100) -> None:
    assert formatted(text, width) == dedent(expected).lstrip("\n")


def test_what_fits_stands_on_one_line() -> None:
    check(
        "policy{filter a and(b or c)rank 2*neg(a+b)select top_k(3,prefer(a,argmax))mutate id;id fallback abort}",
        """
        policy {
          filter   a and (b or c)
          rank     2 * neg(a + b)
          select   top_k(3, prefer(a, argmax))
          mutate   id; id
          fallback abort
        }
        """,
    )


def test_what_does_not_fit_is_broken_from_the_outside_in() -> None:
    check(
        """
        policy {
          filter meets_req and (not breaker_open or has_cap("supports_tools")) and region in {"eu", "us", "apac"}
          rank 0.7 * neg(normalize(price_out)) + 0.3 * normalize(context)
          select top_k(3, prefer(not breaker_open, rank_by(bench_coding, argmax)))
          mutate drop_param("temperature"); when(price_out > 10, (drop_param("seed"); inject_seed("seed")))
          fallback next_candidate on server_error: retry_same(attempts: 2, backoff_ms: [100, 500])
        }
        """,
        """
        policy {
          filter   meets_req
                   and (not breaker_open
                        or has_cap("supports_tools"))
                   and region in {"eu", "us", "apac"}
          rank     0.7 * neg(normalize(price_out))
                   + 0.3 * normalize(context)
          select   top_k(
            3,
            prefer(
              not breaker_open,
              rank_by(bench_coding, argmax),
            ),
          )
          mutate   drop_param("temperature");
                   when(
                     price_out > 10,
                     (drop_param("seed");
                      inject_seed("seed")),
                   )
          fallback next_candidate
                   on server_error: retry_same(
                     attempts: 2,
                     backoff_ms: [100, 500],
                   )
        }
        """,
        width=48,
    )


def test_the_lines_of_a_clause_alone_are_aligned_under_its_first() -> None:
    check("filter aaaa and bbbb", "filter aaaa\n       and bbbb\n", width=15)


def test_the_actions_of_a_plan_are_aligned_unless_a_reason_is_very_long() -> None:
    check(
        "fallback abort on a: abort on bbb: abort",
        "fallback abort\n         on a:   abort\n         on bbb: abort\n",
    )
    long = "r" * 33
    check(
        f"fallback abort on a: abort on {long}: abort",
        f"fallback abort\n         on a: abort\n         on {long}: abort\n",
    )


def test_parentheses_stand_where_they_are_needed_or_help_and_nowhere_else() -> None:
    check(
        "filter ((a)) and ((b or (c))) or not (d) and not (e or f)",
        "filter (a and (b or c)) or (not d and not (e or f))\n",
    )
    check("rank (a) + (b + c) + 2 * (d + e) + 2 * (3 * f)", "rank a + (b + c) + 2 * (d + e) + 2 * 3 * f\n")
    check("filter test((a + b) >= 3) and test((a) >= 3)", "filter test(a + b >= 3) and test(a >= 3)\n")
    check("mutate (id; id); when(a, (id)); seq(id)", "mutate (id; id); when(a, id); seq(id)\n")


def test_the_function_forms_that_have_another_form_are_written_so() -> None:
    check(
        'filter and(is(a), cmp(b, lt, 3), tag_in(c, {"x"}), not(family_eq("y")), min_tier("z"), or(a, b))',
        'filter a and b < 3 and c in {"x"} and family != "y" and tier >= z and (a or b)\n',
    )
    check('filter provider == "a" or provider == "b"', 'filter provider in {"a", "b"}\n')
    check('filter provider == "a" or family == "b"', 'filter provider == "a" or family == "b"\n')
    check("filter or(tier == a, tier == `b-c`)", "filter tier in {a, `b-c`}\n")
    check("rank scale(2, field(a))", "rank 2 * a\n")
    check("fallback override(always(abort), `on`, abort)", "fallback abort\n         on `on`: abort\n")
    check('select chain({model: "b", provider: "a"}, {model_family: "d", provider: "c"})',
          'select chain("a": "b", {provider: "c", model_family: "d"})\n')  # fmt: skip
    check(
        "fallback abort(zz: 1, then_action: abort, attempts: 1)",
        "fallback abort(attempts: 1, then_action: abort, zz: 1)\n",
    )


def test_a_comment_on_its_own_line_stays_before_what_follows() -> None:
    check(
        """
        # of the file
        policy { # of the first clause
          # of the filter
          filter a
            # of b
            and b
          rank # of the rank
            c
        }
        """,
        """
        # of the file
        policy {
          # of the first clause
          # of the filter
          filter   a
                   # of b
                   and b
          # of the rank
          rank     c
          select   argmax
          mutate   id
          fallback next_candidate
        }
        """,
    )


def test_a_comment_behind_something_stays_behind_it() -> None:
    check(
        """
        filter a # first
          and b, # wrong
        """.replace(", # wrong", " # second"),
        """
        filter a  # first
               and b  # second
        """,
    )
    check(
        """
        select top_k(3, # three
          argmax) # of them
        """,
        """
        select top_k(
          3,  # three
          argmax,
        )  # of them
        """,
    )
    check(
        """
        mutate id; # one
          id; # two
        """,
        """
        mutate id;  # one
               id  # two
        """,
    )


def test_a_comment_at_the_end_of_brackets_stays_inside_them() -> None:
    check(
        """
        filter provider in {"a", "b"
          # more to come
        }
        """,
        """
        filter provider in {
          "a",
          "b",
          # more to come
        }
        """,
    )
    check(
        """
        policy {
          filter a
          # the rest is default
        }
        # the end
        """,
        """
        policy {
          filter   a
          rank     zero
          select   argmax
          mutate   id
          fallback next_candidate
          # the rest is default
        }
        # the end
        """,
    )


def test_brackets_with_nothing_but_a_comment_keep_it() -> None:
    check("select chain( # none\n)", "select chain(\n  # none\n)\n")
    check("mutate filter_text({ # nothing\n})", "mutate filter_text(\n  {\n    # nothing\n  },\n)\n")
    check(
        "policy { # all defaults\n}",
        """
        policy {
          filter   top
          rank     zero
          select   argmax
          mutate   id
          fallback next_candidate
          # all defaults
        }
        """,
    )


def test_a_comment_inside_something_small_goes_to_what_holds_it() -> None:
    check("filter a and not # x\n b", "filter a and not b  # x\n")
    check("filter a # x\n >= 3 and b", "filter a >= 3  # x\n       and b\n")
    check("filter a\n# x\n>= 3 and b", "# x\nfilter a >= 3 and b\n")
    check("filter not (a\n# x\nand b)", "filter not (a\n            # x\n            and b)\n")
    check("filter not ( # x\n a and b)", "# x\nfilter not (a and b)\n")
    check("filter neg # x\n>= 3", "filter neg >= 3  # x\n")
    check("rank neg # x\n (a)", "rank neg(\n  # x\n  a,\n)\n")


def test_a_comment_at_the_end_of_operands_leaves_their_parentheses() -> None:
    check("filter (a and b # x\n) or c", "filter (a and b)  # x\n       or c\n")
    check("filter (a and b\n# x\n) or c", "filter (a and b)\n       # x\n       or c\n")
    check("filter c or (a and b\n# x\n)", "filter c or (a and b)\n# x\n")


def test_two_comments_behind_one_thing_are_both_kept() -> None:
    check("filter (a and b # x\n) # y\n or c", "filter (a and b)  # x\n       # y\n       or c\n")
    check("filter and((a or b # x\n) # y\n)", "filter and(\n  a or b,  # x\n  # y\n)\n")


def test_settings_and_on_lines_take_their_comments_along() -> None:
    check(
        """
        fallback abort # base
          on a: retry_same(backoff_ms: [1, # one
            2], # two
            # many
            attempts: 3) # a
          # about b
          on b: abort
        """,
        """
        fallback abort  # base
                 on a: retry_same(
                   # many
                   attempts: 3,
                   backoff_ms: [
                     1,  # one
                     2,
                   ],  # two
                 )  # a
                 # about b
                 on b: abort
        """,
    )


def test_clauses_take_their_comments_along() -> None:
    check(
        """
        policy {
          # about the rank
          rank a # fast
          # about the filter
          filter b # small
        }
        """,
        """
        policy {
          # about the filter
          filter   b  # small
          # about the rank
          rank     a  # fast
          select   argmax
          mutate   id
          fallback next_candidate
        }
        """,
    )


def test_one_empty_line_stays_between_clauses_and_their_comments() -> None:
    check(
        """


        # licence


        # about

        policy {

          filter a

            and b


          # why

          rank c
          select ordered
          mutate id

          # last

        }


        # end


        """,
        """
        # licence

        # about

        policy {
          filter   a and b

          # why

          rank     c
          select   ordered
          mutate   id
          fallback next_candidate

          # last
        }

        # end
        """,
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [("#x", "# x"), ("#  x", "#  x"), ("#!x", "#!x"), ("//x", "# x"), ("///x", "#/x"), ("#", "#"), ("# \t", "#"),
     ("#-----", "#-----"), ('#"x"', '# "x"'), ("#é", "# é"), ("#\tx", "#\tx")],
)  # fmt: skip
def test_comments_are_written_with_one_mark(written: str, kept: str) -> None:
    assert "`authoring/comment-mark`"
    assert formatted(f"{written}\nfilter a") == f"{kept}\nfilter a\n"


def test_a_comment_does_not_count_for_the_width() -> None:
    comment = "x" * 100
    check(f"filter a and b # {comment}", f"filter a and b  # {comment}\n", width=20)
    check(f"rank neg(a) + neg(b) # {comment}", f"rank neg(a) + neg(b)  # {comment}\n", width=20)


def test_line_ends_of_every_kind_are_read_and_line_feeds_written() -> None:
    assert formatted("# a\r\nfilter b # c\r\n") == "# a\nfilter b  # c\n"
    assert formatted("# a\rfilter b") == "# a\nfilter b\n"


def test_a_term_without_text_is_written_without_comments() -> None:
    document = parse_wire('["is", "a"]')
    assert print_authoring(document) == "filter a\n"


def test_a_document_without_a_term_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="the document holds no term"):
        print_authoring(Document(name="x", text="filter", syntax="authoring"))
