"""Frames of a client are read however they arrive, and what is none is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from browserws.dropin.frames import FrameError, FrameReader, close_payload, frames, header, read_close, unmasked


def read(*chunks):
    found = []
    reader = FrameReader(found.append, lambda opcode, payload: found.append((opcode, payload)))
    for chunk in chunks:
        reader.feed(chunk)
    return found


def client(opcode, data, fin=True):
    return Frame(opcode, data, fin=fin).serialize(mask=True, extensions=[])


PAYLOADS = st.one_of(st.text(max_size=300), st.binary(max_size=300), st.sampled_from([bytes(126), "x" * 70_000]))


@given(st.lists(PAYLOADS, max_size=5), st.lists(st.integers(0, 400), max_size=20))
def test_messages_come_whole_however_their_bytes_are_cut(messages, cuts):
    data = b""
    for message in messages:
        binary = isinstance(message, bytes)
        data += client(Opcode.BINARY if binary else Opcode.TEXT, message if binary else message.encode())
    chunks = []
    for cut in cuts:
        chunks.append(data[:cut])
        data = data[cut:]
    assert read(*chunks, data) == messages


def test_fragments_are_joined_and_pings_may_come_between():
    frames = [
        client(Opcode.TEXT, "Zür".encode()[:2], fin=False),
        client(Opcode.PING, b"now"),
        client(Opcode.CONT, "Zür".encode()[2:]),
    ]
    assert read(*frames) == read(b"".join(frames)) == [(9, b"now"), "Zür"]


@given(st.binary(max_size=50), st.binary(min_size=4, max_size=4))
def test_a_mask_is_taken_off(data, mask):
    masked = bytes(byte ^ mask[number % 4] for number, byte in enumerate(data))
    assert unmasked(b"xx" + masked + b"y", 2, 2 + len(data), mask) == data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (Frame(Opcode.TEXT, b"x").serialize(mask=False, extensions=[]), 1002),
        (client(Opcode.TEXT, b"\xff"), 1007),
        (client(Opcode.CONT, b"x"), 1002),
        (client(Opcode.TEXT, b"x", fin=False) + client(Opcode.TEXT, b"y"), 1002),
        (bytes([0xC1]) + client(Opcode.TEXT, b"x")[1:], 1002),
        (bytes([0x83]) + client(Opcode.TEXT, b"x")[1:], 1002),
    ],
    ids=["unmasked", "not UTF-8", "no beginning", "no end", "compressed", "unknown"],
)
def test_what_is_no_frame_of_a_client_is_refused(data, code):
    with pytest.raises(FrameError) as error:
        read(data)
    assert error.value.code == code


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_are_those_of_a_server(size):
    expected = Frame(Opcode.BINARY, bytes(size)).serialize(mask=False, extensions=[])
    assert b"".join(frames([bytes(size)])) == header(2, size) + bytes(size) == expected


def test_close_frames_are_read_and_written():
    assert read_close(close_payload(1001, "Tschüß")) == (1001, "Tschüß")
    assert read_close(close_payload(None, "")) == (None, "")
    with pytest.raises(FrameError):
        read_close(b"x")
