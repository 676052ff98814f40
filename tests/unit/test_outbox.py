import pytest
from hypothesis import given
from hypothesis import strategies as st

from browserws._pure import outbox
from browserws._pure.outbox import Outbox
from browserws.errors import BufferFull


def test_what_was_sent_leaves_the_queue_in_order():
    box = Outbox(10, 100)
    for message in ("a", b"bc", "d"):
        box.put(message)
    assert box.queued_bytes == 4
    box.take(2)
    assert (box.queue, box.queued_bytes, box.in_flight) == (["d"], 1, ["a", b"bc"])


@pytest.mark.parametrize(("messages", "size"), [(2, 100), (100, 2)])
def test_a_full_queue_refuses_and_keeps_what_it_has(messages, size):
    box = Outbox(messages, size)
    box.put("a")
    box.put("b")
    with pytest.raises(BufferFull, match="2 messages with 2 bytes"):
        box.put("c")
    assert box.queue == ["a", "b"]


def test_confirmed_is_what_was_sent_before_the_mark():
    box = Outbox(10, 100)
    box.sent("a")
    mark = box.mark()
    box.sent("b")
    box.confirm(mark)
    box.confirm(mark)
    assert box.lost() == (["b"], 0)
    assert box.lost() == ([], 0)


def test_more_than_is_remembered_is_counted():
    box = Outbox(10, 100)
    for number in range(outbox.IN_FLIGHT + 5):
        box.sent(str(number))
    messages, forgotten = box.lost()
    assert (messages[0], len(messages), forgotten) == ("5", outbox.IN_FLIGHT, 5)


def test_a_message_too_large_to_be_remembered_is_counted():
    box = Outbox(10, 100)
    box.sent("x" * (outbox.IN_FLIGHT_BYTES + 1))
    assert box.lost() == ([], 1)


@given(st.lists(st.one_of(st.just("send"), st.just("mark"), st.just("confirm")), max_size=60))
def test_confirming_never_loses_count(steps):
    """However few are remembered, what is in flight and what is forgotten add up to what is not confirmed."""
    remembered, outbox.IN_FLIGHT = outbox.IN_FLIGHT, 3
    try:
        box = Outbox(10, 100)
        sent, confirmed, marks = 0, 0, []
        for step in steps:
            if step == "send":
                box.sent(str(sent))
                sent += 1
            elif step == "mark":
                marks.append((box.mark(), sent))
            elif marks:
                mark, so_far = marks.pop(0)
                box.confirm(mark)
                confirmed = max(confirmed, so_far)
            assert box.in_flight == [str(number) for number in range(sent)][max(confirmed, sent - 3) :]
            assert box.forgotten + len(box.in_flight) == sent - confirmed
    finally:
        outbox.IN_FLIGHT = remembered


def test_what_has_arrived_makes_room_for_what_is_remembered():
    box = Outbox(10, 100)
    half = "x" * (outbox.IN_FLIGHT_BYTES // 2)
    for _ in range(10):
        box.sent(half)
        box.sent(half)
        box.confirm(box.mark())
    box.sent(half)
    box.sent(half)
    assert box.lost() == ([half, half], 0)
    box.sent(half)
    box.sent(half)
    assert box.lost() == ([half, half], 0)
    for _ in range(3):
        box.sent(half)
    assert box.lost() == ([half, half], 1)


def test_queue_that_was_cleared_takes_as_much_as_ever():
    box = Outbox(10, 2)
    box.put("ab")
    assert box.clear() == ["ab"] and box.queue == [] and box.queued_bytes == 0
    box.put("cd")
