"""Messages wait in order, and each comes out once."""

from hypothesis import given
from hypothesis import strategies as st

from browserws._pure.inbox import Inbox


@given(st.lists(st.one_of(st.integers(0, 5), st.none())))
def test_any_mixture_of_adding_and_taking_keeps_the_order(steps):
    inbox, added, taken = Inbox(), 0, []
    for step in steps:
        if step is None:
            taken.append(next(inbox.messages))
        else:
            inbox.add([str(added + number) for number in range(step)], step)
            added += step
        assert inbox.backlog == added - len([message for message in taken if message is not None])
    while (message := next(inbox.messages)) is not None:
        taken.append(message)
    assert [message for message in taken if message is not None] == [str(number) for number in range(added)]


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
    inbox.put_back("a")
    assert inbox.backlog == 2
    assert [next(inbox.messages) for _ in range(3)] == ["a", "b", None] and inbox.backlog == 0
