"""The site of the documentation, built once."""

import pytest

from tools.docs import build


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder with the site; that it can be built without a warning is the first thing that is tested."""
    folder = tmp_path_factory.mktemp("site")
    build(folder)
    return folder
