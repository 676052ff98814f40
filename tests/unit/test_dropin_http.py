"""Plain HTTP on a wire, by way of a `fetch` that the test stands in for."""

import asyncio

import h11
import pytest

from browserws.dropin.errors import NotInPages
from browserws.dropin.settings import Settings
from browserws.dropin.wire import Wire
from browserws.testing import FakeNetwork


class Answer:
    def __init__(self, status=200, headers=(), chunks=(b"body",), error=None):
        self.status, self.reason, self.headers = status, "Fine", list(headers)
        self._chunks = chunks
        self._error = error
        self.taken = 0
        self.cancelled = False

    async def body(self):
        for chunk in self._chunks:
            await asyncio.sleep(0.1)
            self.taken += 1
            yield chunk
        if self._error:
            raise self._error

    def cancel(self):
        self.cancelled = True


class Client(asyncio.Protocol):
    """Reads what comes as an HTTP client does."""

    def __init__(self):
        self.h11 = h11.Connection(h11.CLIENT)
        self.events = []
        self.lost = asyncio.get_running_loop().create_future()
        self.came = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport

    def ask(self, method="GET", target="/x", body=b"", **headers):
        headers = [("Host", "localhost:81"), *headers.items()]
        if body:
            headers.append(("Transfer-Encoding", "chunked"))
        self.transport.write(self.h11.send(h11.Request(method=method, target=target, headers=headers)))
        if body:
            self.transport.write(self.h11.send(h11.Data(data=body)))
        self.transport.write(self.h11.send(h11.EndOfMessage()))

    def data_received(self, data):
        self.h11.receive_data(data)
        while not isinstance(event := self.h11.next_event(), type) or event not in (h11.NEED_DATA, h11.PAUSED):
            self.events.append(event)
            if isinstance(event, h11.EndOfMessage):
                break
        self.came.set()

    def connection_lost(self, error):
        self.lost.set_result(error)
        self.came.set()

    async def answer(self):
        """Status, headers and body."""
        while not any(isinstance(event, h11.EndOfMessage) for event in self.events):
            self.came.clear()
            await self.came.wait()
        response = next(event for event in self.events if isinstance(event, h11.Response))
        body = b"".join(bytes(event.data) for event in self.events if isinstance(event, h11.Data))
        self.events = []
        return response.status_code, dict(response.headers), body


def run(page, *answers, secure=False, **options):
    """Run `page(client, calls)`; `fetch` gives or raises these."""
    answers, calls = list(answers), []

    async def fetch(*arguments):
        calls.append(arguments)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def main():
        with FakeNetwork(None):
            client = Client()
            Wire(client, "localhost", 81, secure, Settings(fetch=fetch, **options))
            await page(client, calls)
            client.transport.abort()
            await client.lost
            for _ in range(5):
                await asyncio.sleep(0)
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_request_is_fetched_and_its_answer_comes_back():
    async def page(client, calls):
        client.ask(Accept="text/plain", **{"User-Agent": "x", "Accept-Encoding": "gzip", "X-Key": "1", "Cookie": "a=b"})
        status, headers, body = await client.answer()
        assert (status, body) == (200, b"body and more")
        assert headers == {b"x-answer": "ü".encode("latin-1"), b"transfer-encoding": b"chunked"}
        kept = [("Accept", "text/plain"), ("X-Key", "1")]
        assert calls == [("http://localhost:81/x", "GET", kept, b"")]

    headers = [("X-Answer", "ü"), ("Content-Encoding", "gzip"), ("Content-Length", "3")]
    run(page, Answer(headers=headers, chunks=[b"body ", b"and more"]))


def test_requests_follow_each_other_on_one_connection():
    async def page(client, calls):
        for number in range(3):
            client.ask("POST", f"/{number}", b"data")
            assert (await client.answer())[2] == b"%d" % number
            client.h11.start_next_cycle()
        assert calls[2] == ("https://localhost:81/2", "POST", [], b"data")

    run(page, *[Answer(chunks=[b"%d" % number]) for number in range(3)], secure=True)


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body_have_none(method, status):
    async def page(client, calls):
        client.ask(method)
        assert (await client.answer())[::2] == (status, b"")

    run(page, Answer(status, [("Content-Length", "100")], chunks=[]))


def test_a_server_that_cannot_be_reached_is_a_lost_connection():
    async def page(client, calls):
        client.ask()
        assert "no connection" in str(await client.lost)
        client.lost = asyncio.get_running_loop().create_future()
        client.lost.set_result(None)

    run(page, ConnectionError("no connection"))


def test_an_answer_that_breaks_off_is_a_lost_connection():
    async def page(client, calls):
        client.ask()
        assert "broke off" in str(await client.lost)
        assert bytes(client.events[1].data) == b"half"

    run(page, Answer(chunks=[b"half"], error=ConnectionError("broke off")))


def test_who_reads_no_more_takes_no_more():
    async def page(client, calls):
        client.ask()
        await asyncio.sleep(0.15)
        client.transport.pause_reading()
        await asyncio.sleep(5)
        assert answer.taken == 2
        client.transport.resume_reading()
        assert (await client.answer())[2] == b"x" * 10

    answer = Answer(chunks=[b"x"] * 10)
    run(page, answer)


def test_who_closes_cancels_the_request():
    async def page(client, calls):
        client.ask()
        await asyncio.sleep(0.15)
        client.transport.close()
        await client.lost
        await asyncio.sleep(1)
        assert answer.cancelled and answer.taken == 1

    answer = Answer(chunks=[b"x"] * 10)
    run(page, answer)


def test_connection_close_closes_it():
    async def page(client, calls):
        client.ask(Connection="close")
        assert (await client.answer())[2] == b"body"
        assert await client.lost is None

    run(page, Answer())


def test_plain_http_is_refused_where_it_is_not_wanted():
    async def page(client, calls):
        with pytest.raises(NotInPages, match="plain HTTP"):
            client.ask()

    run(page, http=False)


def test_a_proxy_is_refused():
    async def page(client, calls):
        with pytest.raises(NotInPages, match="proxy"):
            client.ask(target="http://localhost/")

    run(page)
