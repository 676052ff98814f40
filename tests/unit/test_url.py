"""Which addresses are refused, and why."""

from urllib.parse import urljoin

import pytest

from browserws import InvalidURI
from browserws._pure.url import cleaned, websocket_url


def check(url, page="https://example.org/a/b.html", page_is_known=True):
    origin = "/".join(page.split("/")[:3])
    return websocket_url(url, lambda text: urljoin(page, text), origin, page_is_known)


@pytest.mark.parametrize(
    "url", ["ws://localhost/", "ws://localhost:8000/", "ws://127.0.0.1/", "ws://[::1]:9/", "ws://a.localhost/"]
)
def test_loopback_is_no_mixed_content(url):
    assert check(url) == url


@pytest.mark.parametrize(
    "url", ["ws://other.org/", "http://other.org/", "ws://127.0.0.1.evil.org/", "ws://x@other.org/"]
)
def test_mixed_content_is_refused(url):
    with pytest.raises(InvalidURI, match="use wss"):
        check(url)


def test_encrypted_addresses_and_pages_without_encryption_are_fine():
    assert check("//other.org/x") == "wss://other.org/x"
    assert check("ws://other.org/x", page="http://example.org/") == "ws://other.org/x"


@pytest.mark.parametrize("url", ["x", "./x", "../x", "?q", ""])
def test_a_worker_that_cannot_see_its_page_refuses_what_is_relative_to_it(url):
    assert check(url).startswith("wss://example.org/")
    with pytest.raises(InvalidURI, match="begin it with '/'"):
        check(url, page_is_known=False)


@pytest.mark.parametrize("url", ["/x", "//h/x", "wss://h/x", " \0/x", "\n//h/x"])
def test_a_worker_that_cannot_see_its_page_takes_the_rest(url):
    assert check(url, page_is_known=False) == check(url)
    assert check(url).endswith("/x")


@pytest.mark.parametrize(
    "url", ["ws://localhost/a/b", "ws://localhost?a?b", "ws://me:secret@localhost:1/", "ws://me@[::1]/"]
)
def test_the_host_is_found_whatever_stands_around_it(url):
    assert check(url) == url


@pytest.mark.parametrize("url", ["a/b:c/d", "?at=12:30", "a?at=12:30", "#12:30"])
def test_a_colon_behind_the_path_begins_is_no_scheme(url):
    """So a worker that cannot see its page refuses these, too."""
    with pytest.raises(InvalidURI, match="begin it with '/'"):
        check(url, page_is_known=False)


def test_a_backslash_is_a_slash():
    """In the scheme of a WebSocket (WHATWG URL §4.4)."""
    assert check("\\x", page_is_known=False) == check("\\x")


@pytest.mark.parametrize("url", ["ftp://example.org/", "/a#b", "ws://other.org/", "x"])
def test_address_that_is_refused_is_the_one_that_was_given(url):
    with pytest.raises(InvalidURI) as error:
        check(url, page_is_known=False)
    assert error.value.uri == url and str(error.value).startswith(repr(url))


def test_what_a_browser_ignores_is_taken_out():
    assert cleaned("\x00 /a\tb\nc\rd e\x1f ") == "/abcd e"
