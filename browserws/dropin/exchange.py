"""`Exchange`: HTTP on a wire. Requests are answered by way of `fetch`; one of them may open a WebSocket."""

from __future__ import annotations

import asyncio

import h11

from .errors import NotInPages
from .handshake import BROWSERS_OWN, Handshake, Headers, decoded, is_upgrade, url_of
from .settings import Response
from .sink import Line
from .tunnel import Tunnel

# Headers of a request that `fetch` writes itself, and those of a response that were true of its bytes on the network.
FETCHS_OWN = BROWSERS_OWN | {
    "accept-charset", "accept-encoding", "date", "dnt", "expect", "keep-alive", "referer", "te", "trailer",
    "transfer-encoding", "via",
}  # fmt: skip
OF_THE_NETWORK = {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding", "upgrade"}


class Exchange:
    def __init__(self, wire: Line) -> None:
        self._wire = wire
        self._server = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._url = ""
        self._body: list[bytes] = []
        self._task: asyncio.Task[None] | None = None
        self._response: Response | None = None

    def feed(self, data: bytes) -> None:
        if self._server.their_state is h11.IDLE and not data[:1].isupper() and data.strip():
            raise NotInPages(f"a page has WebSockets and HTTP, and no TCP: these bytes are neither, {data[:20]!r}")
        self._server.receive_data(data)
        self._read()

    def _read(self) -> None:
        while True:
            try:
                event = self._server.next_event()
            except h11.RemoteProtocolError as error:
                raise NotInPages(f"a page has WebSockets and HTTP, and no TCP: {error}") from error
            if isinstance(event, h11.Request):
                if is_upgrade(decoded(event)):
                    self._upgrade(event)
                    return
                if not self._wire.settings.http:
                    raise NotInPages("plain HTTP is not carried: browserws.dropin.install(http=True) does")
                self._request, self._url, self._body = event, self._url_of(("http", "https"), event), []
                if self._server.they_are_waiting_for_100_continue:
                    self._write(h11.InformationalResponse(status_code=100, headers=[]))
            elif isinstance(event, h11.Data):
                self._body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and self._request is not None:
                self._task = asyncio.get_running_loop().create_task(self._answer(self._request))
            else:
                return

    def _url_of(self, schemes: tuple[str, str], request: h11.Request) -> str:
        wire = self._wire
        host = f"[{wire.host}]" if ":" in wire.host else wire.host
        return url_of(wire.secure, schemes, f"{host}:{wire.port}", request)

    def _upgrade(self, request: h11.Request) -> None:
        url = self._url_of(("ws", "wss"), request)
        tunnel = Tunnel(self._wire, Handshake(url, decoded(request), self._wire.settings.rewrite))
        self._wire.become(tunnel)
        early, _ = self._server.trailing_data
        if early:
            tunnel.feed(early)

    # --- plain HTTP ---

    async def _answer(self, request: h11.Request) -> None:
        headers = [
            (name.decode("ascii"), value.decode("latin-1"))
            for name, value in request.headers.raw_items()
            if name.lower().decode("ascii") not in FETCHS_OWN
        ]
        body, self._body = b"".join(self._body), []
        method, fetch = request.method.decode(), self._wire.settings.fetch
        try:
            self._response = response = await fetch(self._url, method, headers, body)
            self._begin(response)
            async for chunk in response.body():
                self._write(h11.Data(data=chunk))
                await self._wire.room.wait()
        except (OSError, h11.LocalProtocolError) as error:
            self._wire.end(error if isinstance(error, OSError) else ConnectionError(str(error)))
            return
        finally:
            self._task = self._response = None
        self._write(h11.EndOfMessage())
        if self._server.our_state is h11.MUST_CLOSE:
            self._wire.end(None)
            return
        self._server.start_next_cycle()
        self._read()

    def _begin(self, response: Response) -> None:
        headers: Headers = [(name, value) for name, value in response.headers if name.lower() not in OF_THE_NETWORK]
        self._write(
            h11.Response(
                status_code=response.status,
                reason=response.reason.encode("latin-1", "replace"),
                headers=[(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in headers],
            )
        )

    def _write(self, event: h11.Event) -> None:
        data = self._server.send(event)
        if data:
            self._wire.deliver([data])

    def send(self, message: str | bytes) -> None:
        raise AssertionError("there is no WebSocket yet")

    def buffered(self) -> int:
        return 0

    def drop(self) -> None:
        if self._response is not None:
            self._response.cancel()
        if self._task is not None:
            self._task.cancel()
