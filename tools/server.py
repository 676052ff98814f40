"""Static files and WebSockets on one port of localhost, for the demos and the tests.

    with Site({"/": folder}, handler) as site:
        site.url("/page.html")

Pages are cross-origin isolated (COOP, COEP), as PyScript's workers need to reach the page; below
`/plain/` the same files come without these headers.
"""

import asyncio
import json
import mimetypes
import threading

from websockets.asyncio.server import serve
from websockets.datastructures import Headers
from websockets.http11 import Response

TYPES = mimetypes.MimeTypes()  # Python's own: what a system says of them may be wrong
ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class Site:
    """Serves `mounts` (URL prefix to folder; the longest prefix wins) and `handler` for WebSockets.

    `options` are those of `websockets.serve`; `refuses(path)` says which handshakes get a 403;
    `holds(path)` which are never answered; `values` are served as JSON, by path.
    """

    def __init__(
        self, mounts, handler, *, port=0, refuses=lambda path: False, holds=lambda path: False, values=None, **options
    ):
        self.mounts = sorted(mounts.items(), key=lambda item: -len(item[0]))
        self.handler = handler
        self.port = port
        self.refuses = refuses
        self.holds = holds
        self.values = values or {}
        self.options = options

    async def start(self):
        self._stop = asyncio.Event()
        options = {"max_size": None, "compression": None, **self.options}
        self.server = await serve(self.handler, "localhost", self.port, process_request=self._respond, **options)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self):
        self.server.close()
        await self.server.wait_closed()

    def url(self, path=""):
        return f"http://localhost:{self.port}{path}"

    def _respond(self, connection, request):
        path = request.path.split("?")[0]
        if "websocket" in request.headers.get("Upgrade", "").lower():
            if self.holds(path):
                return self._hold(connection)
            return connection.respond(403, "refused\n") if self.refuses(path) else None
        isolated = not path.startswith("/plain/")
        name, body = self._content(path if isolated else path[len("/plain") :])
        if body is None:
            return connection.respond(404, f"no such file: {path}\n")
        headers = Headers()
        kind = TYPES.guess_type(name)[0] or "application/octet-stream"
        headers["Content-Type"] = kind + ("; charset=utf-8" if kind.startswith("text/") else "")
        headers["Content-Length"] = str(len(body))
        headers["Cache-Control"] = "no-cache"
        headers["Connection"] = "close"
        if isolated:
            headers.update(ISOLATION)
        return Response(200, "OK", headers, body)

    async def _hold(self, connection):
        await self._stop.wait()
        return connection.respond(503, "the server stops\n")

    def _content(self, path):
        if path in self.values:
            return path, json.dumps(self.values[path]).encode()
        file = self._file(path)
        return (None, None) if file is None else (file.name, file.read_bytes())

    def _file(self, path):
        for prefix, folder in self.mounts:
            if path.startswith(prefix):
                file = (folder / path[len(prefix) :]).resolve()
                if file.is_dir():
                    file = file / "index.html"
                elif not file.suffix:
                    file = file.with_suffix(".js")  # as packages of npm import each other's modules
                inside = file.is_relative_to(folder.resolve()) or file.is_symlink()
                return file if inside and file.is_file() else None
        return None

    # --- in a thread of its own, for tests ---

    def __enter__(self):
        ready = threading.Event()

        async def main():
            self._loop = asyncio.get_running_loop()
            await self.start()
            ready.set()
            await self._stop.wait()
            await self.stop()

        self._thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def run(self, coroutine):
        """Its result, from the thread of the server."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def __exit__(self, *exception):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
