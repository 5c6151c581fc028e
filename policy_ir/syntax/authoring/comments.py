"""Hanging the comments of a text on the items of its shape, so that each is printed once, where it reads best.

A comment on its own line stands before the next item, or after the last one of the listing that holds it; a comment
behind something stands behind the item that ends there. What is written without brackets hands the comments at its
ends to the item that holds it: so printing and reading again hangs every comment in the same place.
Specification: chapter "Authoring syntax", section "Formatting".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

import attrs

from policy_ir.syntax.authoring.notation import BRACED, Item, Listing, Shape, Wrapped
from policy_ir.syntax.document import Comment, Document, Span

_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")


def hang(document: Document, root: Listing) -> frozenset[Comment]:
    """Put every comment of a document into the shape of its term; those that an empty line stands before."""
    places = _Places(document, root)
    for comment in document.comments:
        places.put(comment, places.root)
    return places.blanks()


@attrs.define(slots=True, eq=False)
class _Listing:
    """A listing with the item that holds it, the places of its items in the order of the text, and their numbers."""

    listing: Listing
    holder: tuple[_Listing, Item] | None
    items: list[tuple[int, int, Item]]
    number: dict[int, int]


class _Places:
    def __init__(self, document: Document, root: Listing) -> None:
        self.text, self.spans, self.comments = document.text, document.spans, document.comments
        self.known: dict[int, _Listing] = {}
        self.statements: set[int] = set()
        self.root = self.located(root, None)

    def located(self, listing: Listing, holder: tuple[_Listing, Item] | None) -> _Listing:
        if id(listing) in self.known:
            return self.known[id(listing)]
        if listing.style == "flow":
            self.statements.update(map(id, listing.items))
        items = [(*span, item) for item in listing.items if (span := _span(item, self.spans))]
        items.sort(key=lambda placed: placed[:2])
        number = {id(item): place for place, item in enumerate(listing.items)}
        return self.known.setdefault(id(listing), _Listing(listing, holder, items, number))

    # --- placing one comment --------------------------------------------------------------------------------------

    def put(self, comment: Comment, within: _Listing) -> None:
        start = comment.span.start
        after = bisect_right(within.items, start, key=lambda placed: placed[0])
        if after:
            _, end, item = within.items[after - 1]
            if end > start:
                inner = _listing(item.shape)
                if inner is not None and _holds(self.spans.get(inner.pointer), start):
                    self.put(comment, self.located(inner, (within, item)))
                elif comment.own_line or within.listing.style in ("flow", "node"):
                    self.before(comment, within, item)
                else:
                    self.behind(comment, within, item)
                return
            if "\n" not in self.text[end:start]:
                self.behind(comment, within, item)
                return
        if after < len(within.items):
            self.before(comment, within, within.items[after][2])
        else:
            self.at_end(comment, within)

    def before(self, comment: Comment, within: _Listing, item: Item) -> None:
        if within.listing.open and within.holder and item is within.listing.items[0]:
            self.before(comment, *within.holder)
        else:
            item.before.append(comment)

    def behind(self, comment: Comment, within: _Listing, item: Item) -> None:
        if within.listing.open and within.holder and item is within.listing.items[-1]:
            self.behind(comment, *within.holder)
        elif item.behind is None:
            item.behind = comment
        else:
            self.after(comment, within, item)

    def after(self, comment: Comment, within: _Listing, item: Item) -> None:
        """On the lines after an item: before the next one."""
        following = within.number[id(item)] + 1
        if following < len(within.listing.items):
            within.listing.items[following].before.append(comment)
        else:
            self.at_end(comment, within)

    def at_end(self, comment: Comment, within: _Listing) -> None:
        if within.listing.open and within.holder:
            self.after(comment, *within.holder)
        else:
            within.listing.after.append(comment)

    # --- empty lines ----------------------------------------------------------------------------------------------

    def blanks(self) -> frozenset[Comment]:
        """The comments that an empty line stands before; and `blank` of what stands on lines of its own."""
        things = [*self.things(self.root)]
        things += [(comment.span.start, comment.span.end, comment) for comment in self.comments]
        things.sort(key=lambda placed: placed[:2])
        found = set()
        end = 0
        for start, stop, thing in things:
            if _BLANK_LINE.search(self.text, end, start):
                if isinstance(thing, Comment):
                    found.add(thing)
                elif thing is not None:
                    head = [comment for comment in thing.before if comment.span.start > start]
                    if head and id(thing) in self.statements:
                        found.add(head[0])  # it stands before the statement now, and is no part of what is above
                    else:
                        thing.blank = True
            end = max(end, stop)
        return frozenset(found)

    def things(self, within: _Listing) -> Iterator[tuple[int, int, Item | Comment | None]]:
        """The items between which empty lines are looked for, with their places; of one in braces only these."""
        for start, end, item in within.items:
            inner = _listing(item.shape)
            if inner is not None and inner.style in BRACED:
                yield start, start, item
                yield from self.things(self.located(inner, None))
                yield end - 1, end, None
            else:
                yield start, end, item


def _span(item: Item, spans: Mapping[str, Span]) -> tuple[int, int] | None:
    found = [spans[pointer] for pointer in item.pointers if pointer in spans]
    return (min(span.start for span in found), max(span.end for span in found)) if found else None


def _listing(shape: Shape) -> Listing | None:
    """The listing in a shape, if it has one."""
    while isinstance(shape, Wrapped):
        shape = shape.inner
    return shape if isinstance(shape, Listing) else None


def _holds(span: Span | None, start: int) -> bool:
    return span is not None and span.start <= start < span.end
