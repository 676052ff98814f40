"""What the package exports, and what it says where there is no browser."""

import inspect

import pytest

import browserws


def test_every_exported_name_is_there_and_explained():
    for name in browserws.__all__:
        thing = getattr(browserws, name)
        if inspect.isclass(thing):
            assert thing.__doc__, name


def test_every_public_member_of_websocket_is_explained():
    for name, member in vars(browserws.WebSocket).items():
        if not name.startswith("_") and not name.startswith("on") and not isinstance(member, int):
            assert member.__doc__, name


def test_without_a_browser_it_is_not_supported_and_says_why():
    assert browserws.supported is False
    with pytest.raises(NotImplementedError, match="needs a browser, and this is cpython"):
        browserws.WebSocket("ws://localhost/")
