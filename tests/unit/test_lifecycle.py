"""Every state and trigger of a socket's life, and of a stream's."""

import pytest

from browserws._pure import lifecycle
from browserws._pure import stream_lifecycle as stream
from browserws._pure.lifecycle import READY_STATE, TABLE
from browserws._pure.state_table import IllegalMove

STATES = sorted(READY_STATE)
TRIGGERS = sorted({trigger for _, trigger in TABLE.arrows})


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("state", STATES)
def test_each_arrow_is_in_the_table_or_raises(state, trigger):
    if TABLE.can(state, trigger):
        assert TABLE.move(state, trigger) == TABLE.arrows[state, trigger]
    else:
        with pytest.raises(IllegalMove, match=state):
            TABLE.move(state, trigger)


def test_nothing_leaves_closed_and_everything_can_end():
    assert not [before for before, _ in TABLE.arrows if before == lifecycle.CLOSED]
    for state in STATES:
        if state != lifecycle.CLOSED:
            assert TABLE.move(state, lifecycle.ENDED) == lifecycle.CLOSED


def test_ready_state_never_goes_back():
    for (before, _), after in TABLE.arrows.items():
        assert READY_STATE[after] >= READY_STATE[before]


@pytest.mark.parametrize(
    "triggers",
    [
        [stream.END],
        [stream.CLOSE_ASKED, stream.END],
        [stream.CLOSE_ASKED, stream.OPENED, stream.END, stream.LAST_MESSAGE],
        [stream.OPENED, stream.END, stream.LAST_MESSAGE],
        [stream.OPENED, stream.LAST_MESSAGE, stream.END],
        [stream.OPENED, stream.CLOSE_ASKED, stream.LAST_MESSAGE, stream.END],
        [stream.OPENED, stream.CLOSE_ASKED, stream.END, stream.LAST_MESSAGE],
        [stream.OPENED, stream.LAST_MESSAGE, stream.CLOSE_ASKED, stream.END],
        [stream.OPENED, stream.END, stream.CLOSE_ASKED, stream.LAST_MESSAGE],
    ],
)
def test_stream_is_finished_when_its_end_is_known_and_its_last_message_has_come(triggers):
    state = stream.CONNECTING
    for trigger in triggers:
        assert state != stream.FINISHED
        state = stream.TABLE.move(state, trigger)
    assert state == stream.FINISHED
