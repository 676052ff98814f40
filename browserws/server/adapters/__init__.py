"""The hub in servers of other libraries, whose connections become what the hub needs (`sockets.AnyConnection`).

    asgi.py         Starlette, FastAPI, Litestar, Quart, Django, and whatever else speaks ASGI
    aiohttp.py      aiohttp.web
    robyn.py        Robyn 0.80 and later
    picows.py       picows, on a port of the hub's own (`--engine picows`)

What holds in which of them: docs/how-to/frameworks.md.
"""
