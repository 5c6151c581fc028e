"""This implementation as a subject of the conformance suite: what it answers to each kind of request.

`answer` is the reference that the expectations of the vectors are made with; `serve` speaks the protocol.
Specification: chapter "Conformance".
"""

from policy_ir.conformance.subject.answering import FEATURES, KINDS, answer
from policy_ir.conformance.subject.parts import NotARequest
from policy_ir.conformance.subject.serving import hello, serve

__all__ = ["FEATURES", "KINDS", "NotARequest", "answer", "hello", "serve"]
