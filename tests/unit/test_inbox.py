"""Messages wait in order, and each comes out once."""

from hypothesis import given
from hypothesis import strategies as st

from browserws._pure.inbox import Inbox


@given(st.lists(st.one_of(st.integers(0, 5), st.sampled_from(["take", "put back"]))))
def test_any_mixture_of_adding_taking_and_putting_back_keeps_the_order(steps):
    inbox, added, taken = Inbox(), 0, []

    def take():
        message = next(inbox.messages)
        if message is not None:
            taken.append(message)
        return message

    last = None
    for step in steps:
        if step == "take":
            last = take()
        elif step == "put back":
            if last is not None:
                inbox.put_back((taken.pop(),))
            last = None
        else:
            inbox.add([str(added + number) for number in range(step)], step)
            added += step
        assert inbox.backlog == added - len(taken)
    while take() is not None:
        pass
    assert taken == [str(number) for number in range(added)]


def test_a_batch_is_iterated_only_when_its_turn_comes():
    """Until then its messages are in JavaScript's memory, which has room."""
    started = []

    def batch(name):
        started.append(name)
        yield name

    inbox = Inbox()
    inbox.add(batch("a"), 1)
    inbox.add(batch("b"), 1)
    assert next(inbox.messages) == "a" and started == ["a"]
    assert next(inbox.messages) == "b" and next(inbox.messages) is None


def test_clear_forgets_all():
    inbox = Inbox()
    inbox.add(["a", "b"], 2)
    assert next(inbox.messages) == "a"
    inbox.clear()
    assert next(inbox.messages) is None and inbox.backlog == 0
    inbox.add(["c"], 1)
    assert next(inbox.messages) == "c"


def test_what_is_put_back_comes_before_what_came_later():
    inbox = Inbox()
    assert next(inbox.messages) is None
    inbox.add(["b"], 1)
    inbox.put_back(("a",))
    assert inbox.backlog == 2
    assert [next(inbox.messages) for _ in range(3)] == ["a", "b", None] and inbox.backlog == 0
