"""URLs of one Redis, of sentinels and of a cluster: what they become, and which are refused."""

import pytest

from browserws.server.stores.redis import RedisStore
from browserws.server.stores.redis_connect import connect

CREDENTIALS = {"username": "ada", "password": "s:crét"}


def options(url):
    """What a connection to Redis is made of."""
    client = connect(url, 3)
    return getattr(client, "connection_pool", client).connection_kwargs


@pytest.mark.parametrize(
    "url",
    [
        "redis://ada:s%3Acr%C3%A9t@h:7000",
        "redis+sentinel://ada:s%3Acr%C3%A9t@h:7000,i/mymaster",
        "redis+cluster://ada:s%3Acr%C3%A9t@h:7000,i",
    ],
)
def test_credentials_options_and_tls_are_those_of_one_redis(url):
    assert CREDENTIALS.items() <= options(url).items()
    assert options(url + "?client_name=hub")["client_name"] == "hub"
    assert options(url)["socket_timeout"] == 3
    assert "ssl_ca_certs" not in options(url)
    assert options(url.replace("redis", "rediss") + "?ssl_ca_certs=/ca.pem")["ssl_ca_certs"] == "/ca.pem"


def test_sentinels_are_asked_for_the_master_with_credentials_of_their_own():
    pool = connect("rediss+sentinel://:pw@h,[::1]:5/my%2Fmaster/3?sentinel_password=other", 3).connection_pool
    assert (pool.service_name, pool.connection_kwargs["db"], pool.connection_kwargs["password"]) == (
        "my/master",
        3,
        "pw",
    )
    asked = [sentinel.connection_pool.connection_kwargs for sentinel in pool.sentinel_manager.sentinels]
    assert [(one["host"], one["port"], one["password"]) for one in asked] == [
        ("h", 26379, "other"),
        ("::1", 5, "other"),
    ]
    assert all("ssl_cert_reqs" in one for one in asked)


def test_nodes_of_a_cluster_have_the_usual_port():
    nodes = connect("redis+cluster://127.0.0.1,127.0.0.2:7001/0", 3).startup_nodes
    assert [(node.host, int(node.port)) for node in nodes] == [("127.0.0.1", 6379), ("127.0.0.2", 7001)]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "h:6379",
        "http://h",
        "redis://h:x",
        "redis://h?no_such_option=1",
        "redis+other://h",
        "redis+sentinel:h/m",
        "redis+sentinel://h:26379",
        "redis+sentinel://h:26379/",
        "redis+sentinel://h/m/x",
        "redis+sentinel://h/m/0/1",
        "redis+sentinel:///m",
        "redis+sentinel://h,/m",
        "redis+sentinel://h:0/m",
        "redis+sentinel://h:99999/m",
        "redis+sentinel://h/m?no_such_option=1",
        "redis+cluster://",
        "redis+cluster://h/1",
        "redis+cluster://h:port",
        "redis+cluster://h i",
        "redis+cluster://h?no_such_option=1",
        "redis+cluster://h?socket_timeout=soon",
    ],
)
def test_wrong_urls_are_refused_before_anything_starts(url):
    with pytest.raises(ValueError, match="the URL of Redis"):
        RedisStore(url)


@pytest.mark.parametrize("kind", ["redis://", "redis+sentinel://", "redis+cluster://"])
def test_refusal_does_not_show_a_password(kind):
    with pytest.raises(ValueError) as caught:
        RedisStore(f"{kind}ada:secret@h:x/m")
    assert "secret" not in str(caught.value)


def test_prefix_has_no_braces():
    """They would choose the hash slot."""
    with pytest.raises(ValueError, match="prefix"):
        RedisStore("redis://h", "a{b}:")
