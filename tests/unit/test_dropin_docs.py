"""docs/dropin.md says what tests of libraries promise, and shows code that runs."""

import re

from tools.dropin import DOCS, docs_text


def test_the_table_is_that_of_the_tests():
    assert DOCS.read_text() == docs_text(), "run python -m tools.dropin"


def test_the_rewrite_that_is_shown_does_what_it_says():
    shown = next(code for code in re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL) if "def rew" in code)
    names = {}
    exec(shown[: shown.index("browserws.dropin.install")], names)
    headers = {"authorization": "Bearer k", "x": "1"}
    assert names["rewrite"]("wss://x/", headers, []) == ("wss://x/", ["realtime", "openai-insecure-api-key.k"])
    assert headers == {"x": "1"}
