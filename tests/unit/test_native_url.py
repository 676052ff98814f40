"""How a program reads URLs: as a browser does (WHATWG URL), but that there is no page."""

import pytest

from browserws import InvalidURI
from browserws.native.url import parse


@pytest.mark.parametrize(
    ("url", "becomes"),
    [
        ("ws://example.org", "ws://example.org/"),
        ("WS://EXAMPLE.ORG/A", "ws://example.org/A"),
        ("ws://example.org:80/", "ws://example.org/"),
        ("wss://example.org:443/", "wss://example.org/"),
        ("wss://example.org:80/", "wss://example.org:80/"),
        ("http://example.org?x=1", "http://example.org/?x=1"),
        ("ws://bücher.example/ü?ü=é", "ws://xn--bcher-kva.example/%C3%BC?%C3%BC=%C3%A9"),
        ("ws://h/a%20b c?d%20e f", "ws://h/a%20b%20c?d%20e%20f"),
        ("ws://h/;=@:!$&()*+,-._~", "ws://h/;=@:!$&()*+,-._~"),
        ("ws://h/?a=1&b=/?:@", "ws://h/?a=1&b=/?:@"),
        ("ws://h/\0\x1f", "ws://h/%00%1F"),
        ("ws://user:pass%20word@h:1/", "ws://user:pass%20word@h:1/"),
        ("ws://user@h/", "ws://user:@h/"),
        ("ws://[::1]:8000/", "ws://[::1]:8000/"),
        ("ws://h/#", "ws://h/#"),  # refused by what reads the result
        ("ftp://example.org/", "ftp://example.org/"),
        ("localhost:8000/echo", "localhost:8000/echo"),
    ],
)
def test_it_is_written_as_a_browser_would(url, becomes):
    assert parse(url) == becomes


@pytest.mark.parametrize(
    "url",
    [
        "ws://",
        "ws:///path",
        "ws://h:99999/",
        "ws://h:x/",
        "ws://a b/",
        "ws://a\0b/",
        "ws://a<b/",
        "ws://[::1/",
        "ws://%00/",
    ],
)
def test_what_is_no_url_is_none(url):
    assert parse(url) is None


@pytest.mark.parametrize("url", ["", "/echo", "echo", "//host/echo", "?x", "#x"])
def test_relative_ones_are_refused_with_the_reason(url):
    with pytest.raises(InvalidURI, match="is relative, and this is no page: give the whole URL"):
        parse(url)
