"""docs/explanation/compression.md: what it shows is what was measured, and right for whatever becomes of a document.

That its programs run is shown by test_how_to.py.
"""

import copy
import inspect
import random

import pytest

from tests.bench_server import differences, merge
from tools.paths import ROOT

PAGE = (ROOT / "docs" / "explanation" / "compression.md").read_text()


@pytest.mark.parametrize("function", [differences.difference, merge.merge])
def test_functions_on_the_page_are_those_that_were_measured(function):
    assert inspect.getsource(function) in PAGE


def any_document(rng, depth=3):
    values = [lambda: rng.randrange(3), lambda: "text", lambda: [rng.randrange(3)]]
    if depth:
        values.append(lambda: any_document(rng, depth - 1))
    return {rng.choice("abc"): rng.choice(values)() for _ in range(rng.randrange(4))}


@pytest.mark.parametrize("seed", range(200))
def test_copy_is_right_again_whichever_differences_are_merged_twice(seed):
    """A page that asks for the document gets one that has some of the differences that come meanwhile, or all."""
    rng = random.Random(seed)
    states = [any_document(rng) for _ in range(8)]
    patches = [differences.difference(old, new) for old, new in zip(states, states[1:], strict=False)]
    for has in range(len(states)):
        document = copy.deepcopy(states[has])
        for patch in patches[rng.randrange(has + 1) :]:
            merge.merge(document, copy.deepcopy(patch))
        assert document == states[-1]
