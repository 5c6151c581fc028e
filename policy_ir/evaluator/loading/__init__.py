"""The fast load: a decoded JSON value becomes an admitted policy with its normal form and canonical bytes in one pass.

The definition goes through a policy five times: `syntax.loader` makes the typed tree, `admission` checks its shape and
asks the vocabulary, `normal_form` rewrites it, `canonical` encodes what is left. Here every node is visited once. What
reads a node gives back three things, of which its parent needs all three:

    the node of the source tree, the node that its normal form is (often itself), the bytes of that.

Reading a parameter and encoding it is one look into a table (`parameters`): what a vocabulary declares, with bytes. So
the tables do the work of the loader, of admission and of the encoder; `readers` generates from the signature, once per
vocabulary, the functions that look there; `rewriting` does what the equations say, and gets by with a comparison where
they have nothing to say; `places` has the origins ready, and `text` reads JSON strictly.

The pass knows right from doubtful, never why something is wrong. Whatever it doubts goes to the definition, which
refuses with every finding, or accepts after all (a string of a subclass, a tuple where JSON has a list). Specification:
chapters "Syntax", "Admission", "Normal form" and "Encoding".
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from blake3 import blake3

from policy_ir.admission import Admitted, admit_policy
from policy_ir.canonical import TERM_PREFIX, digest
from policy_ir.evaluator.loading.doubt import DOUBTS, Doubtful
from policy_ir.evaluator.loading.places import PLACES
from policy_ir.evaluator.loading.readers import Load, Reader, readers_of
from policy_ir.evaluator.loading.text import value_of_text
from policy_ir.syntax.bounds import NODES, SOURCE_BYTES
from policy_ir.syntax.document import Document
from policy_ir.syntax.loader import load
from policy_ir.vocabulary import Vocabulary

__all__ = ["Counting", "Loader", "counting_load", "load_policy"]


Counting: TypeAlias = Callable[..., tuple[Admitted, int]]
"""From a decoded JSON value, and its document if there is one, to the admitted policy that it certainly is, and its
number of nodes. Raises one of `DOUBTS`. A fingerprint is computed when somebody asks for it."""


def load_policy(value: Any, vocabulary: Vocabulary, *, document: Document | None = None) -> Admitted:
    """The admitted policy that a decoded JSON value is: `admit_policy(load(value), vocabulary, document=document)`.

    Takes the values that `load` takes, and raises `Refused` as both do.
    """
    try:
        return _loaded(value, vocabulary, document)
    except DOUBTS:
        return admit_policy(load(value), vocabulary, document=document)


def _loaded(value: Any, vocabulary: Vocabulary, document: Document | None = None) -> Admitted:
    """What `load_policy` does; raises one of `DOUBTS` where it would have to look closer."""
    admitted, _ = counting_load(vocabulary)(value, document)
    vars(admitted)["fingerprint"] = digest(admitted.canonical_bytes)  # where the cached property keeps it
    return admitted


def counting_load(vocabulary: Vocabulary) -> Counting:
    """What loads policies under a vocabulary, one after the other."""
    read = _READ_POLICY.get(vocabulary)
    if read is None:
        read = _READ_POLICY[vocabulary] = readers_of(vocabulary)["policy"]

    def load(value: Any, document: Document | None = None) -> tuple[Admitted, int]:
        if type(value) is not list or value[0] != "policy" or type(value[0]) is not str:
            raise Doubtful
        one_load = Load(vocabulary)
        term, normal, data = read(value, PLACES.root, one_load)
        admitted = Admitted.identified(term, vocabulary, document, normal=normal, canonical_bytes=TERM_PREFIX + data)
        return admitted, NODES - one_load.left

    return load


_READ_POLICY: WeakKeyDictionary[Vocabulary, Reader] = WeakKeyDictionary()
"""What reads a whole policy, by vocabulary; it has no reference to the vocabulary."""


class Loader:
    """Loads policies, and knows the last `most` texts again by their digest: an admitted policy never changes."""

    __slots__ = ("_admitted", "_most")

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._admitted: OrderedDict[tuple[bytes, Vocabulary], Admitted] = OrderedDict()

    @property
    def size(self) -> tuple[int, int]:
        """How many policies are kept, and the most that will be."""
        return len(self._admitted), self._most

    def load(self, source: Any, vocabulary: Vocabulary) -> Admitted:
        """The admitted policy that a decoded JSON value is, or a JSON text as bytes in UTF-8.

        A text is refused as `syntax.source.decode` and `syntax.parse` refuse it; what it is admitted as keeps no
        document, so that a cache full of policies is not one of texts too. Raises `Refused`.
        """
        if not isinstance(source, bytes):
            return load_policy(source, vocabulary)
        if len(source) > SOURCE_BYTES:
            return _by_the_definition(source, vocabulary)
        key = blake3(source).digest(), vocabulary
        admitted = self._admitted.get(key)
        if admitted is None:
            try:
                admitted = _loaded(value_of_text(source), vocabulary)
            except DOUBTS:
                admitted = _by_the_definition(source, vocabulary)
            self._admitted[key] = admitted
            if len(self._admitted) > self._most:
                self._admitted.popitem(last=False)
        return admitted


def _by_the_definition(source: bytes, vocabulary: Vocabulary) -> Admitted:
    """The admitted policy of a JSON text. Raises `Refused`, with places in the text."""
    from policy_ir.syntax.source import decode
    from policy_ir.syntax.wire import read_wire_fast

    document = read_wire_fast(decode(source))
    assert document.term is not None  # else it had raised
    return Admitted(admit_policy(document.term, vocabulary, document=document).term, vocabulary)
