"""What the hub says is checked before it is used: any other server is a `ProtocolViolation`, and nothing else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from browserws._pure.hub_messages import check_message
from browserws._pure.multiplex import Multiplex
from browserws._pure.protocol import MESSAGES, fields_of
from browserws.codecs import HubCodec
from browserws.errors import ProtocolViolation

RIGHT = {
    "welcome": {"user": "a", "session": "s", "resumed": False, "max_message": 65536, "v": 1},
    "joined": {"id": 1, "channel": "c", "epoch": "e", "offset": 3, "gap": True, "members": ["a"]},
    "left": {"id": 1, "channel": "c", "reason": "why"},
    "message": {"channel": "c", "data": None, "user": None, "offset": 1, "time": 1.5},
    "ack": {"id": 1, "epoch": "e", "offset": 1, "repeat": True, "data": None},
    "direct": {"data": None},
    "result": {"id": 1, "data": None},
    "stream": {"id": 1},
    "item": {"id": 1, "data": None},
    "end": {"id": 1},
    "history": {"id": 1, "epoch": "e", "messages": [{"offset": 1, "user": "a", "time": 1, "hex": "00ff"}]},
    "presence": {"channel": "c", "join": ["a"], "leave": []},
    "reset": {"channel": "c", "epoch": "e", "offset": 0},
    "error": {"id": 1, "channel": "c", "code": "forbidden", "reason": "why"},
    "pong": {},
}
FIELDS = [(kind, field) for kind, fields in MESSAGES.items() for field in fields]
ENTRY = {"offset": 1, "user": None, "time": 1, "data": 1}


def page():
    """One that has joined `c`, and waits for answers to requests with the ids 2 to 4."""
    multiplex = Multiplex(HubCodec(), 10_000, 1000, 2**20, TimeoutError)
    multiplex.join(0, "c", True, False, "join", None)
    multiplex.opened("a", None)
    multiplex.received(0, json.dumps({"type": "welcome", **RIGHT["welcome"]}))
    multiplex.received(0, json.dumps({"type": "joined", **RIGHT["joined"]}))
    multiplex.publish(0, "c", 1, "publish", None)
    multiplex.history(0, "c", 10, None, "history", None)
    multiplex.join(0, "d", False, False, "other", None)
    return multiplex


@pytest.mark.parametrize("kind", MESSAGES)
def test_messages_as_the_protocol_has_them_are_right(kind):
    check_message({"type": kind, **RIGHT[kind]})
    needed = {name: RIGHT[kind][name] for name in MESSAGES[kind] if not name.endswith("?")}
    check_message({"type": kind, **needed})
    check_message({"type": kind, **needed, "news of tomorrow": [1]})


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_each_field_is_of_its_type(kind, field):
    name = field.rstrip("?")
    for wrong in ({"a": object()}, -1, 0.5, float("nan")):
        if name == "data" or (name == "time" and wrong == 0.5):
            continue
        with pytest.raises(ProtocolViolation, match=name):
            check_message({"type": kind, **RIGHT[kind], name: wrong})


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, field in FIELDS if not field.endswith("?")])
def test_what_is_needed_may_not_be_absent(kind, field):
    with pytest.raises(ProtocolViolation, match=field):
        check_message({"type": kind, **{name: value for name, value in RIGHT[kind].items() if name != field}})


@pytest.mark.parametrize(
    "entries",
    [
        {},
        [1],
        [ENTRY, None],
        [{"offset": 1, "user": None, "time": 1}],
        [{**ENTRY, "offset": "1"}],
        [{**ENTRY, "user": 1}],
        [{**ENTRY, "time": "now"}],
        [{**ENTRY, "time": 10**400}],
        [{**ENTRY, "hex": "0"}],
        [{**ENTRY, "hex": "xy"}],
        [{**ENTRY, "hex": 1}],
    ],
)
def test_each_entry_of_a_history_is_checked(entries):
    check_message({"type": "history", "id": 1, "messages": [ENTRY, {"hex": ""}]})
    with pytest.raises(ProtocolViolation, match="messages"):
        check_message({"type": "history", "id": 1, "messages": entries})


@pytest.mark.parametrize(("kind", "members"), [("joined", "members"), ("presence", "join"), ("presence", "leave")])
def test_each_member_is_a_name(kind, members):
    with pytest.raises(ProtocolViolation, match=members):
        check_message({"type": kind, **RIGHT[kind], members: ["a", 1]})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["c", "a", "", "0", "forbidden"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "hex", "time"]), inner),
    max_leaves=4,
)
NAMES = sorted({field.rstrip("?") for _, field in FIELDS})


@settings(max_examples=500)
@given(st.sampled_from([*MESSAGES, "news"]), st.dictionaries(st.sampled_from(NAMES), VALUES), st.booleans())
def test_whatever_comes_is_taken_or_a_protocol_violation(kind, fields, nearly_right):
    message = {"type": kind, **(RIGHT.get(kind, {}) if nearly_right else {}), **fields}
    try:
        page().received(0, json.dumps(message))
    except ProtocolViolation:
        pass


def test_a_question_mark_is_what_may_be_absent():
    assert fields_of({"indeX": 1, "offX?": 2}) == [("indeX", True, 1), ("offX", False, 2)]


@pytest.mark.parametrize("time", [0, 0.0, 1.5, 2**53, float(2**53)])
def test_time_is_a_number_that_javascript_has(time):
    check_message({"type": "message", **RIGHT["message"], "time": time})
    for wrong in (-1, 2**53 + 1, True, "1"):
        with pytest.raises(ProtocolViolation, match="time"):
            check_message({"type": "message", **RIGHT["message"], "time": wrong})


@pytest.mark.parametrize("offset", [0, 1, 2**53])
def test_offset_is_an_integer_that_javascript_has(offset):
    check_message({"type": "message", **RIGHT["message"], "offset": offset})
    for wrong in (-1, 2**53 + 1, True, 1.0):
        with pytest.raises(ProtocolViolation, match="offset"):
            check_message({"type": "message", **RIGHT["message"], "offset": wrong})


USUAL = {"type": "message", "channel": "c", "data": None, "user": "a", "offset": 1, "time": 1}
WRONG = [
    ("channel", 1),
    ("user", 1),
    ("offset", -1),
    ("offset", 2**53 + 1),
    ("offset", True),
    ("time", -1),
    ("time", "1"),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_the_usual_message_is_checked_like_any_other(field, value):
    check_message(USUAL)
    with pytest.raises(ProtocolViolation):
        check_message({**USUAL, field: value})
    with pytest.raises(ProtocolViolation):
        check_message({name: value for name, value in USUAL.items() if name != "data"})
