"""Who is there: any mix of lists and changes ends with the truth, and each coming and going is told once."""

from hypothesis import given
from hypothesis import strategies as st

from browserws._pure.presence import Presence

NAMES = st.sets(st.sampled_from("abcd"))


@given(st.lists(st.tuples(st.booleans(), NAMES, NAMES)))
def test_changes_that_are_sent_lead_to_the_members(steps):
    presence = Presence()
    told = set()
    for whole, some, others in steps:
        come, gone = presence.sync(some) if whole else presence.diff(some, others)
        assert not told & set(come) and set(gone) <= told
        told = (told | set(come)) - set(gone)
        assert told == presence.members
        if whole:
            assert presence.members == some


def test_who_goes_and_comes_back_at_once_has_not_changed():
    presence = Presence()
    presence.sync(["a", "b"])
    assert presence.diff(["a"], ["a"]) == ([], [])
    assert presence.members == {"a", "b"}
