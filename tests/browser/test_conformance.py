"""The conformance suite in every interpreter, on the main thread and in a worker."""

import pytest

from tests.browser.conftest import settings
from tests.names import conformance_names

# In the order of the contexts, so that each page is used while it is warm.
CASES = [
    pytest.param(context, name, id=f"{context[0]}-{name}")
    for context in settings["CONTEXTS"]
    for name in conformance_names()
]


@pytest.mark.parametrize(("context", "name"), CASES)
def test_conformance(runners, context, name):
    failure = runners(*context).run(name)
    assert failure == "", failure
