"""What may be sent, for any text and any bytes."""

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from browserws._pure import checks


@given(st.text(st.characters(exclude_categories=())))
def test_text_is_refused_exactly_when_it_has_a_lone_surrogate(text):
    if any("\ud800" <= character <= "\udfff" for character in text):
        with pytest.raises(ValueError, match="lone surrogate"):
            checks.message(text)
    else:
        assert checks.message(text) is text


@given(st.text())
def test_surrogates_as_micropython_writes_them_are_distinguished_from_characters(text):
    assert not checks._has_surrogate(text.encode())
    assert checks._has_surrogate(text.encode() + b"\xed\xa0\x80")


@pytest.mark.parametrize("before", ["", "a", "한", "한하"])
@pytest.mark.parametrize("behind", ["", "a", "한"])
def test_a_surrogate_is_found_among_letters_that_begin_as_it_does(before, behind):
    assert not checks._has_surrogate((before + behind).encode())
    for surrogate in ("\ud800", "\udfff"):
        assert checks._has_surrogate((before + surrogate + behind).encode("utf-8", "surrogatepass"))


def test_cpython_refuses_surrogates_by_itself():
    assert not checks._encodes_surrogates()


@given(st.text(max_size=130))
def test_reason_fits_or_is_refused_by_its_bytes(reason):
    if len(reason.encode()) <= 123:
        checks.close_arguments(1000, reason)
    else:
        with pytest.raises(ValueError, match="bytes"):
            checks.close_arguments(1000, reason)


def test_korean_text_is_looked_at_as_quickly_as_any_other():
    """The bytes of U+D000 to U+D7FF begin with ED, as those of surrogates do."""

    def seconds(text):
        return min(timeit.repeat(lambda: checks.message(text), repeat=5, number=1))

    assert seconds("한하" * 200_000) < 10 * seconds("가나" * 200_000)


def test_text_of_a_class_of_its_own_becomes_plain_text():
    """MicroPython would hand over an object, not a string."""

    class Text(str):
        pass

    made = checks.plain(Text("a"))
    assert type(made) is str and made == "a"
    assert checks.plain("a") == "a"


def test_where_surrogates_have_to_be_looked_for_other_text_is_fine(monkeypatch):
    monkeypatch.setattr(checks, "_MUST_LOOK", True)
    assert checks.utf8("grüße 😀 \ud7ff", "the text") == "grüße 😀 \ud7ff".encode()


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: checks.message("\ud800"), "the message has a lone surrogate"),
        (lambda: checks.close_arguments("1000", ""), "the close code must be an int, not str"),
        (lambda: checks.close_arguments(1000, b""), "the close reason must be a str, not bytes"),
        (lambda: checks.close_arguments(1001, ""), "a page cannot close with 1001: use 1000 or 3000 to 4999"),
        (lambda: checks.close_arguments(-1, ""), "a page cannot close with -1: use 1000 or 3000 to 4999"),
        (lambda: checks.close_arguments(1000, "ä" * 62), "the close reason has 124 bytes in UTF-8: at most 123 fit"),
        (lambda: checks.subprotocols(1), "protocols must be a str or a list of str, not int"),
        (lambda: checks.subprotocols(["a", 1]), "a subprotocol must be a str, not int"),
        (lambda: checks.subprotocols(["a", "a"]), "the subprotocol 'a' is offered twice"),
        (lambda: checks.subprotocols("a b"), "'a b' is not a subprotocol"),
    ],
)
def test_mistake_is_explained(call, why):
    with pytest.raises((TypeError, ValueError)) as error:
        call()
    assert str(error.value).startswith(why)
