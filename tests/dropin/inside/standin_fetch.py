"""`fetch` of the stand-in for a browser: `urllib` in a thread."""

import asyncio
import urllib.error
import urllib.request

CHUNK = 64 * 1024
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Response:
    def __init__(self, answer):
        self._answer = answer
        self.status, self.reason = answer.status, answer.reason
        self.headers = list(answer.headers.items())

    async def body(self):
        with self._answer:
            while chunk := await asyncio.to_thread(self._answer.read1, CHUNK):
                yield chunk

    def cancel(self):
        self._answer.close()


async def fetch(url, method, headers, body):
    request = urllib.request.Request(url, body or None, dict(headers), method=method)
    return Response(await asyncio.to_thread(_ask, request))


def _ask(request):
    try:
        return opener.open(request)
    except urllib.error.HTTPError as answer:
        return answer
