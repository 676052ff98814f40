"""Fragments become one message of one kind, or nothing is sent."""

import asyncio

import pytest

from browserws._pure.outgoing import recode, whole


def joined(message):
    return asyncio.run(whole(message))


async def later(*fragments):
    for fragment in fragments:
        yield fragment


def test_fragments_are_joined():
    assert joined(["a", "", "b"]) == joined(later("a", "b")) == "ab"
    assert joined((b"a", bytearray(b"b"), memoryview(b"c"))) == b"abc"
    assert joined(iter([])) is None and joined(later()) is None


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (["a", b"b"], "all str or all bytes-like"),
        ({"a": 1}, "dict-like object"),
        ([1], "not int"),
        (1, "a message is a str or a bytes-like object, not int"),
    ],
)
def test_what_is_no_message_is_refused_and_the_reason_named(message, text):
    with pytest.raises(TypeError, match=text):
        joined(message)


def test_text_and_bytes_become_whichever_is_wanted():
    assert recode("é", True) == recode("é".encode(), True) == recode(memoryview("é".encode()), True) == "é"
    assert recode("é", False) == recode("é".encode(), False) == "é".encode()


def test_bytes_that_are_no_text_can_only_be_binary():
    assert recode(b"\xff", False) == b"\xff"
    with pytest.raises(ValueError, match="not valid UTF-8"):
        recode(b"\xff", True)
