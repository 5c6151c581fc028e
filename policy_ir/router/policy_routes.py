"""The routes that look things up: models, fields, and whether a policy or a flow is sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from policy_ir.admission import Admitted, admit_policy
from policy_ir.diagnostics import Diagnostic, Refused, quoted
from policy_ir.flow.admission import AdmittedFlow, admit_document
from policy_ir.flow.loaded import load_admitted_flow
from policy_ir.flow.reading import is_flow_text, parse_flow
from policy_ir.lints import lint
from policy_ir.lints.flows import lint_flow
from policy_ir.router.answer import error, told
from policy_ir.router.body import FLOW, POLICY, read_json
from policy_ir.router.directives import refuse_directives_of
from policy_ir.router.guard import Denied
from policy_ir.router.replies import json_response
from policy_ir.syntax import parse
from policy_ir.syntax.source import decode
from policy_ir.vocabulary.plain import vocabulary_json

if TYPE_CHECKING:
    from policy_ir.router.config import Key
    from policy_ir.router.service import Service
    from policy_ir.router.world import World
    from policy_ir.vocabulary import Vocabulary

__all__ = ["fields", "model", "models", "validate"]


OWNER: Final = "policy-ir"


async def models(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /v1/models`: policies and flows of the configuration, then the candidates of the catalogue."""
    return json_response({"object": "list", "data": list(_models(service, key))})


async def model(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /v1/models/{id}`: one of them. Raises `Denied` (404)."""
    id = request.match_info["id"]
    found = next((one for one in _models(service, key) if one["id"] == id), None)
    if found is None:
        raise Denied(404, error(404, "model_not_found", f"there is no policy, flow or candidate {quoted(id)}"))
    return json_response(found)


def _models(service: Service, key: Key | None) -> Iterator[dict[str, Any]]:
    """What a key may ask for."""
    world = service.world
    for name in world.config.policies:
        if key is None or key.may_use(name):
            yield _model(POLICY + name, OWNER)
    for name in (FLOW + name for name in world.config.flows):
        if key is None or key.may_use(name):
            yield _model(name, OWNER)
    if key is None or (key.policies is None and key.inline):
        for id, endpoint in zip(world.snapshot.ids, world.endpoints, strict=True):
            yield _model(id, endpoint.name)


def _model(id: str, owner: str) -> dict[str, Any]:
    return {"id": id, "object": "model", "created": 0, "owned_by": owner}


async def fields(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /policy/fields`: what a policy can name, by the vocabulary of this router."""
    return json_response(vocabulary_json(service.world.vocabulary))


async def validate(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`POST /policy/validate`: whether this router would run a policy or a flow, and all that keeps it from that.

    The body is one of them in the wire syntax, by itself or as `{"policy_ir": TERM}` or `{"flow_ir": TERM}`; or, as
    `text/plain`, in either syntax.
    """
    data = await service.body(request)
    text = request.content_type == "text/plain"
    try:
        admitted, found = await service.beside(lambda: _judged(service, data, text=text))
    except Refused as wrong:
        return json_response({"valid": False, "fingerprint": None, "diagnostics": told(wrong.diagnostics)})
    return json_response({"valid": True, "fingerprint": admitted.fingerprint, "diagnostics": told(found)})


def _judged(service: Service, data: bytes, *, text: bool) -> tuple[Admitted | AdmittedFlow, Sequence[Diagnostic]]:
    """The policy or flow of a body, and what is to be said of it. Raises `Refused`."""
    world = service.world
    admitted = _of_text(decode(data, "policy"), world.vocabulary) if text else _of_value(world, read_json(data))
    refuse_directives_of(admitted)
    if isinstance(admitted, AdmittedFlow):
        return admitted, lint_flow(admitted, world.snapshot)
    return admitted, lint(admitted, world.snapshot)


def _of_text(text: str, vocabulary: Vocabulary) -> Admitted | AdmittedFlow:
    if is_flow_text(text):
        return admit_document(parse_flow(text), vocabulary)
    document = parse(text, name="policy")
    assert document.term is not None
    return admit_policy(document.term, vocabulary, document=document)


def _of_value(world: World, value: object) -> Admitted | AdmittedFlow:
    wrapped: dict[str, object] = value if isinstance(value, dict) else {}
    if "flow_ir" in wrapped or (isinstance(value, list) and value[:1] == ["flow"]):
        return load_admitted_flow(wrapped.get("flow_ir", value), world.vocabulary)
    return world.evaluator.load(wrapped.get("policy_ir", value), world.vocabulary)
