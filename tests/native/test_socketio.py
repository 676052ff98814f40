"""The codec for Socket.IO with a real server. In pages: tests/browser/test_socketio.py."""

import pytest

from tests import socketio_server
from tests.browser.pages import socketio_client
from tests.native.program import run


@pytest.mark.parametrize("namespace", ["/", "/chat"])
def test_python_socketio(namespace):
    with socketio_server.running(namespace) as url:
        run(socketio_client.main(url, namespace))
