"""What an `Endpoint` takes, and what it refuses."""

import pytest
from websockets.datastructures import Headers

from browserws import connect
from browserws.native import Endpoint
from browserws.testing import FakeNetwork


def test_it_is_a_url_and_has_options():
    endpoint = Endpoint("ws://h/", ping_interval=20, proxy=None, additional_headers={"A": "b"}, origin=None, ssl=None)
    assert isinstance(endpoint, str) and endpoint == "ws://h/"
    assert endpoint.options == {"ping_interval": 20, "proxy": None, "additional_headers": [("A", "b")]}
    assert Endpoint(endpoint, ping_interval=5).options["ping_interval"] == 5
    assert Endpoint(endpoint, ping_interval=5).options["proxy"] is None
    assert endpoint.absolute("ws://other/").options == endpoint.options


def test_headers_come_in_every_form_that_websockets_takes():
    headers = Headers([("A", "1"), ("A", "2")])
    for given in (headers, [("A", "1"), ("A", "2")], (pair for pair in [("A", "1"), ("A", "2")])):
        assert Endpoint("ws://h/", additional_headers=given).options["additional_headers"] == [("A", "1"), ("A", "2")]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"colour": "red"}, TypeError),
        ({"create_connection": object}, TypeError),
        ({"extra_headers": {"A": "b"}}, TypeError),
        ({"additional_headers": {"A": "b\r\nC: d"}}, ValueError),
        ({"additional_headers": {"A\r\nB": "c"}}, ValueError),
        ({"additional_headers": {"A B": "c"}}, ValueError),
        ({"additional_headers": {"": "c"}}, ValueError),
        ({"additional_headers": {"A": "€"}}, ValueError),
        ({"additional_headers": {"A": 1}}, TypeError),
        ({"additional_headers": {1: "a"}}, TypeError),
        ({"additional_headers": 5}, TypeError),
        ({"additional_headers": ["ab", "c"]}, ValueError),
        ({"ssl": "yes"}, TypeError),
        ({"ssl": False}, TypeError),
        ({"proxy_ssl": 1}, TypeError),
        ({"ping_interval": "20"}, TypeError),
        ({"ping_timeout": -1}, ValueError),
        ({"ping_interval": float("nan")}, ValueError),
    ],
)
def test_what_cannot_be_is_refused(options, error):
    for taken_by in (Endpoint, connect):
        with pytest.raises(error):
            taken_by("ws://h/", **options)


def test_a_page_refuses_the_options_by_name_and_a_fake_takes_an_endpoint_as_its_url():
    with FakeNetwork(None):
        with pytest.raises(TypeError, match="a page cannot set headers"):
            connect("ws://h/", additional_headers={"A": "b"})
        assert connect(Endpoint("ws://h/", additional_headers={"A": "b"})).uri == "ws://h/"
