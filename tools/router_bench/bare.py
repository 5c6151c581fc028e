"""The bare pass-through: twenty lines of aiohttp that stand between a caller and a provider, and do nothing else.

python bare.py PORT URL
"""

import sys

from aiohttp import ClientSession, TCPConnector, web


async def session(app: web.Application):
    connector = TCPConnector(limit=0)
    async with ClientSession(connector=connector, auto_decompress=False) as app["session"]:
        yield


async def passed_on(request: web.Request) -> web.StreamResponse:
    named = {name: request.headers[name] for name in ("Content-Type", "Authorization") if name in request.headers}
    async with request.app["session"].post(sys.argv[2], data=await request.read(), headers=named) as answer:
        if answer.content_type != "text/event-stream":
            return web.Response(body=await answer.read(), status=answer.status, content_type=answer.content_type)
        response = web.StreamResponse(headers={"Content-Type": answer.content_type})
        await response.prepare(request)
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        return response


app = web.Application()
app.router.add_post("/v1/chat/completions", passed_on)
app.cleanup_ctx.append(session)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
