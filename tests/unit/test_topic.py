"""How far a page has read a channel: each message once, and what is missing is counted."""

import pytest

from browserws._pure.topic import Topic


def topic(conflate=False, epoch="e", offset=5):
    joined = Topic("c", False, conflate)
    joined.join_request(1)
    joined.joined(epoch, offset, False)
    return joined


def test_message_that_came_before_is_none_again():
    """A hub that was asked twice sends what was missed twice."""
    page = topic()
    assert page.advance(6) == 0
    assert page.advance(6) is None and page.advance(5) is None and page.advance(1) is None
    assert page.advance(7) == 0


def test_what_is_missing_in_front_of_a_message_is_counted():
    page = topic()
    assert page.advance(7) == 1
    assert page.advance(18) == 10
    assert page.advance(19) == 0


def test_nothing_is_missing_where_messages_may_be_left_out():
    page = topic(conflate=True)
    assert page.advance(18) == 0 and page.advance(18) is None


@pytest.mark.parametrize(("at", "offset"), [(None, 3), (5, None), (None, None)])
def test_without_offsets_each_message_is_new(at, offset):
    page = topic(epoch=None if at is None else "e", offset=at)
    assert page.advance(offset) == 0 and page.advance(offset) == 0


def test_a_request_says_what_the_page_wants():
    assert Topic("c", False, False).join_request(3) == {"type": "join", "id": 3, "channel": "c"}
    assert Topic("c", True, False).join_request(3) == {"type": "join", "id": 3, "channel": "c", "presence": True}
    assert Topic("c", False, True).join_request(3) == {"type": "join", "id": 3, "channel": "c", "conflate": True}


def test_a_request_says_how_far_the_page_has_read_if_it_knows():
    page = topic()
    page.advance(6)
    assert page.join_request(2)["since"] == {"epoch": "e", "offset": 6}
    assert topic(offset=0).join_request(2)["since"] == {"epoch": "e", "offset": 0}
    assert "since" not in topic(epoch=None, offset=None).join_request(2)
    assert "since" not in topic(offset=None).join_request(2)


def test_another_epoch_or_a_gap_is_a_loss_and_a_new_beginning():
    page = topic()
    assert not page.joined("e", 9, False) and page.offset == 5
    assert page.joined("e", 9, True) and page.offset == 9
    assert page.joined("another", 2, False) and (page.epoch, page.offset) == ("another", 2)


def test_first_join_misses_nothing():
    assert not Topic("c", False, False).joined("e", 9, True)


def test_join_says_what_is_wanted_and_how_far_the_page_has_read():
    page = Topic("c", False, False)
    assert page.join_request(1) == {"type": "join", "id": 1, "channel": "c"}
    page.joined("e", 5, False)
    assert page.join_request(2) == {"type": "join", "id": 2, "channel": "c", "since": {"epoch": "e", "offset": 5}}
    page.joined("e", 9, False)
    page.advance(6, 1234)
    since = {"epoch": "e", "offset": 6, "time": 1234}
    assert page.join_request(3) == {"type": "join", "id": 3, "channel": "c", "since": since}
    wants = Topic("c", True, True).join_request(4)
    assert wants == {"type": "join", "id": 4, "channel": "c", "presence": True, "conflate": True}
