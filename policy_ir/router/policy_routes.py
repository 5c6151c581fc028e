"""The routes that look things up: models, fields, and whether a policy is sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from aiohttp import web

from policy_ir.admission import Admitted, admit_policy
from policy_ir.diagnostics import Diagnostic, Refused, quoted
from policy_ir.lints import lint
from policy_ir.router.answer import error, told
from policy_ir.router.body import POLICY, read_json
from policy_ir.router.directives import refuse_directives
from policy_ir.router.guard import Denied
from policy_ir.router.replies import json_response
from policy_ir.vocabulary.plain import vocabulary_json

if TYPE_CHECKING:
    from policy_ir.router.config import Key
    from policy_ir.router.service import Service

__all__ = ["fields", "model", "models", "validate"]


async def models(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /v1/models`: the policies of the configuration, then the candidates of the catalogue."""
    return json_response({"object": "list", "data": list(_models(service, key))})


async def model(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /v1/models/{id}`: one of them. Raises `Denied` (404)."""
    id = request.match_info["id"]
    found = next((one for one in _models(service, key) if one["id"] == id), None)
    if found is None:
        raise Denied(404, error(404, "model_not_found", f"there is no policy or candidate {quoted(id)}"))
    return json_response(found)


def _models(service: Service, key: Key | None) -> Iterator[dict[str, Any]]:
    """What a key may ask for."""
    world = service.world
    for name in world.config.policies:
        if key is None or key.may_use(name):
            yield _model(POLICY + name, "policy-ir")
    if key is None or (key.policies is None and key.inline):
        for id, endpoint in zip(world.snapshot.ids, world.endpoints, strict=True):
            yield _model(id, endpoint.name)


def _model(id: str, owner: str) -> dict[str, Any]:
    return {"id": id, "object": "model", "created": 0, "owned_by": owner}


async def fields(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`GET /policy/fields`: what a policy can name, by the vocabulary of this router."""
    return json_response(vocabulary_json(service.world.vocabulary))


async def validate(service: Service, request: web.Request, key: Key | None) -> web.Response:
    """`POST /policy/validate`: whether this router would run a policy, and everything that keeps it from that.

    The body is a policy in the wire syntax, `{"policy_ir": TERM}`, or, as `text/plain`, either syntax.
    """
    data = await service.body(request)
    text = request.content_type == "text/plain"
    try:
        admitted, found = await service.beside(lambda: _judged(service, data, text=text))
    except Refused as wrong:
        return json_response({"valid": False, "fingerprint": None, "diagnostics": told(wrong.diagnostics)})
    return json_response({"valid": True, "fingerprint": admitted.fingerprint, "diagnostics": told(found)})


def _judged(service: Service, data: bytes, *, text: bool) -> tuple[Admitted, Sequence[Diagnostic]]:
    """The policy of a body, and what is to be said of it. Raises `Refused`."""
    admitted = _admitted(service, data, text=text)
    return admitted, lint(admitted, service.world.snapshot)


def _admitted(service: Service, data: bytes, *, text: bool) -> Admitted:
    """The policy of a body, held to what this router carries out. Raises `Refused`."""
    vocabulary = service.world.vocabulary
    if text:
        from policy_ir.syntax import parse
        from policy_ir.syntax.source import decode

        document = parse(decode(data, "policy"), name="policy")
        assert document.term is not None
        admitted = admit_policy(document.term, vocabulary, document=document)
    else:
        value = read_json(data)
        admitted = service.world.evaluator.load(value["policy_ir"] if _wrapped(value) else value, vocabulary)
    refuse_directives(admitted.normal)  # type: ignore[arg-type]
    return admitted


def _wrapped(value: object) -> bool:
    return isinstance(value, dict) and "policy_ir" in value
