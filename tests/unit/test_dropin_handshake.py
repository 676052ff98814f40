"""Which URL a library's request means."""

import h11
import pytest

from browserws.dropin.handshake import refuse_headers, url_of


@pytest.mark.parametrize(
    ("secure", "there", "named", "url"),
    [
        (False, "example.org:8000", "example.org:8000", "ws://example.org:8000/x"),
        (False, "example.org:8000", "example.org", "ws://example.org:8000/x"),
        (False, "example.org:80", "example.org", "ws://example.org/x"),
        (True, "example.org:443", "example.org", "wss://example.org/x"),
        (True, "192.0.2.1:443", "example.org", "wss://example.org/x"),
        (False, "[::1]:8000", "[::1]", "ws://[::1]:8000/x"),
    ],
)
def test_a_host_without_a_port_means_the_port_that_was_connected_to(secure, there, named, url):
    request = h11.Request(method="GET", target="/x", headers=[("Host", named)])
    assert url_of(secure, ("ws", "wss"), there, request) == url


def test_headers_in_which_libraries_name_themselves_are_not_missed():
    refuse_headers(["Ably-Agent", "X-Ably-Version", "X-Fern-Language", "User-Agent"])
