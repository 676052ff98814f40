"""JSON that both interpreters and every reader understand. (MicroPython itself: tests/conformance.)"""

import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from browserws._pure import json_text

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text("aé\n😀"), inner), max_leaves=20)


@given(VALUES)
def test_what_is_written_is_read_again(value):
    text = json_text.dumps(value)
    assert json_text.loads(text) == value == json.loads(text)
    assert "\n" not in text


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\\u"d83😀\U0001f600')))
def test_escaped_pairs_are_read_by_a_reader_that_cannot(text):
    escaped = json.dumps(text)
    assert json.loads(json_text._without_pairs(escaped)) == text


@pytest.mark.parametrize(
    ("escaped", "read"),
    [
        (r"\ud83d\ude00", "😀"),
        (r"\ud800\udc00", "\U00010000"),
        (r"\udbff\udfff", "\U0010ffff"),
        (r"a\ud83d\ude00b\ud83d\ude01", "a😀b😁"),
        (r"\\\ud83d\ude00", r"\\😀"),
        (r"\\ud83d\ude00", None),  # a backslash, and five characters
        (r"\ud83d\\ude00", None),
        (r"\ud83d \ude00", None),
        (r"\ud83d\u0041", None),
        (r"\ud83d\ue000", None),
        (r"\ud7ff\ude00", None),
        (r"\udc00\udc00", None),
        (r"\ud83d\ud83d\ude00", r"\ud83d😀"),
        (r"\ud83d\ude00\ude00", r"😀\ude00"),
        (r"\u0041", None),
    ],
)
def test_pairs_and_nothing_else_become_the_character(escaped, read):
    """CPython's own reader understands either: so this looks at the text itself."""
    assert json_text._without_pairs(escaped) == (escaped if read is None else read)


def test_pairs_are_replaced_for_a_reader_that_needs_it_and_for_no_other(monkeypatch):
    read = []
    monkeypatch.setattr(json_text, "json", SimpleNamespace(loads=read.append))
    for reads_pairs in (True, False):
        monkeypatch.setattr(json_text, "_READS_PAIRS", reads_pairs)
        json_text.loads(r'"\ud83d\ude00"')
        json_text.loads('"a"')
    assert read == [r'"\ud83d\ude00"', '"a"', '"😀"', '"a"']


def test_cpython_needs_none_of_what_micropython_needs():
    assert json_text._writes_escapes() and json_text._READS_PAIRS


@pytest.mark.parametrize(
    "value", [float("inf"), float("nan"), 2**53 + 1, -(2**60), "\ud800", ["\udfff"], {"a": {"b": 2**60}}]
)
def test_what_would_arrive_as_something_else_is_a_value_error(value):
    with pytest.raises(ValueError):
        json_text.dumps(value)


@pytest.mark.parametrize("value", [b"", object(), {1: 2}, {None: 1}, {"a": {1}}, 1j])
def test_what_json_has_not_is_a_type_error(value):
    with pytest.raises(TypeError):
        json_text.dumps(value)


@pytest.mark.parametrize("nest", [lambda value: [value], lambda value: {"a": value}])
def test_depth_is_limited(nest):
    value = []
    for _ in range(json_text.MAX_DEPTH - 1):
        value = nest(value)
    json_text.dumps(value)
    with pytest.raises(ValueError, match="deeper"):
        json_text.dumps(nest(value))


def test_lone_surrogate_is_named_as_the_reason():
    with pytest.raises(ValueError, match="the message has a lone surrogate"):
        json_text.dumps(["\ud800"])


def test_largest_and_smallest_integer_that_all_readers_have():
    for value in (2**53, -(2**53)):
        assert json_text.loads(json_text.dumps(value)) == value
        with pytest.raises(ValueError, match="send it as a str"):
            json_text.dumps(value + (1 if value > 0 else -1))


def test_value_that_json_has_not_is_named():
    with pytest.raises(ValueError, match="^JSON has no nan$"):
        json_text.dumps(float("nan"))
    with pytest.raises(TypeError, match="^a key in JSON is a str, not int$"):
        json_text.dumps({1: 2})
    with pytest.raises(TypeError, match="^JSON has no object$"):
        json_text.dumps(object())
