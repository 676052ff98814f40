"""docs/how-to/dropin.md says what tests of libraries promise, and shows code that runs."""

import pytest

from tests.documents import block
from tools.dropin import DOCS, docs_text


def test_the_table_is_that_of_the_tests():
    assert DOCS.read_text() == docs_text(), "run python -m tools.dropin"


URL = "wss://x/?a=1"
REWRITES = {
    "openai-insecure": ("Bearer k", (URL, ["realtime", "openai-insecure-api-key.k"])),
    "deepgram": ("Token k", (URL, ["token", "k"])),
    "quote(token": ("Bearer k/", (URL + "&token=k%2F", [])),
}


@pytest.mark.parametrize("mark", REWRITES)
def test_what_is_shown_of_rewrite_does_what_it_says(mark):
    value, result = REWRITES[mark]
    names = {}
    exec(block(mark).split("browserws.dropin.install")[0], names)
    headers = {"authorization": value, "x": "1"}
    assert names["rewrite"](URL, headers, []) == result
    assert headers == {"x": "1"}
