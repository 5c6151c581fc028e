"""The pass-through as an ASGI application, bare and by Starlette, with the client that `STACK_CLIENT` names.

It runs in an environment that has these packages, and need not have this one.
"""

import os

URL = os.environ.get("STACK_URL", "")
HEADERS = {"content-type": "application/json", "authorization": "Bearer none"}
CLIENT = os.environ.get("STACK_CLIENT", "")
kept = None


if CLIENT == "aiohttp":
    import aiohttp

    async def call(body):
        """Status and body of the provider's answer."""
        global kept
        if kept is None:
            kept = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False)
        async with kept.post(URL, data=body, headers=HEADERS) as answer:
            return answer.status, await answer.read()

elif CLIENT == "httpx":
    import httpx

    async def call(body):
        """Status and body of the provider's answer."""
        global kept
        if kept is None:
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
            kept = httpx.AsyncClient(limits=limits, timeout=60.0)
        answer = await kept.post(URL, content=body, headers=HEADERS)
        return answer.status_code, answer.content

elif CLIENT == "pyreqwest":
    from pyreqwest.client import ClientBuilder

    async def call(body):
        """Status and body of the provider's answer."""
        global kept
        if kept is None:
            kept = ClientBuilder().build()
        asked = kept.post(URL).body_bytes(body)
        for name, value in HEADERS.items():
            asked = asked.header(name, value)
        answer = await asked.build().send()
        return answer.status, bytes(await answer.bytes())


async def raw(scope, receive, send):
    """Pass on what comes."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    status, data = (200, b"ready") if scope["method"] == "GET" else await call(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(data))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})


try:
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route
except ImportError:
    pass
else:

    async def passed_on(request):
        """Pass on what comes."""
        status, data = await call(await request.body())
        return Response(data, status, media_type="application/json")

    starlette = Starlette(routes=[Route("/v1/chat/completions", passed_on, methods=["POST"])])
