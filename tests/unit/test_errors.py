"""Texts and classes are those of the `websockets` library."""

import itertools

import pytest
import websockets.exceptions
import websockets.frames

from browserws import codes
from browserws.errors import ConnectionClosedError, ConnectionClosedOK, connection_closed

CLOSES = [None, (1000, ""), (1001, "bye"), (1006, ""), (1011, "oops"), (3000, ""), (4000, "x"), (1005, ""), (2999, "")]


@pytest.mark.parametrize(("rcvd", "sent"), list(itertools.product(CLOSES, CLOSES)))
@pytest.mark.parametrize("order", [True, False])
def test_connection_closed_reads_as_in_websockets(rcvd, sent, order):
    order = order if rcvd and sent else None
    ours = connection_closed(rcvd and codes.Close(*rcvd), sent and codes.Close(*sent), order)
    theirs = websockets.exceptions.ConnectionClosedError(
        rcvd and websockets.frames.Close(*rcvd), sent and websockets.frames.Close(*sent), order
    )
    assert str(ours) == str(theirs)


def test_ok_is_1000_and_1001_on_both_sides():
    assert isinstance(connection_closed(codes.Close(1000), codes.Close(1001), True), ConnectionClosedOK)
    assert isinstance(connection_closed(codes.Close(1000), None), ConnectionClosedError)
    assert isinstance(connection_closed(codes.Close(1011), codes.Close(1011), True), ConnectionClosedError)


def test_close_is_a_value():
    assert codes.Close(1000) == codes.Close(1000, "") != codes.Close(1000, "x")
    assert len({codes.Close(1000), codes.Close(1000)}) == 1
    assert repr(codes.Close(1000, "x")) == "Close(code=1000, reason='x')"


def test_codes_that_a_page_may_send():
    assert [code for code in range(6000) if codes.may_be_sent(code)] == [1000, *range(3000, 5000)]
