"""The configurations of docs/how-to/deploy.md in nginx and in Caddy: two hubs behind a proxy that has the certificate.

What is changed of them is the ports, the certificate, and where the proxy keeps its files.
"""

import contextlib
import os
import re
import ssl
import subprocess
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from browserws.server import Settings
from tests.server.talk import Client, run, running
from tools.paths import ROOT
from tools.ports import free_port
from tools.proxies import find

PAGE = (ROOT / "docs" / "how-to" / "deploy.md").read_text()
PAGES = ("127.0.0.2", "127.0.0.3")  # where pages connect from; the proxy does from 127.0.0.1
HUB = {"origins": ("https://example.org",), "proxies": 1}

AROUND_NGINX = """
daemon off; pid nginx.pid; error_log stderr notice;
events {}
http { access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
       uwsgi_temp_path uwsgi; scgi_temp_path scgi;
"""
AROUND_CADDY = "{\n admin off\n auto_https off\n}\n"


def configuration(name, replaced):
    """The proxy's block of the page, with all of `replaced` in it."""
    (block,) = re.findall(rf"^## Behind {name}\n.*?^```\w*\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for old, new in replaced.items():
        assert old in block, old
        block = block.replace(old, new)
    return block


def nginx(folder, port, hubs):
    replaced = {"listen 443": f"listen 127.0.0.1:{port}", "/etc/ssl/example.org": f"{folder}/example.org", **hubs}
    (folder / "nginx.conf").write_text(AROUND_NGINX + configuration("nginx", replaced) + "}")
    return [find("nginx"), "-e", "stderr", "-p", folder, "-c", "nginx.conf"], "start worker processes"


def caddy(folder, port, hubs):
    site = f"example.org:{port} {{\n bind 127.0.0.1\n tls {folder}/example.org.pem {folder}/example.org.key\n"
    (folder / "Caddyfile").write_text(AROUND_CADDY + configuration("Caddy", {"example.org {\n": site, **hubs}))
    return [find("caddy"), "run", "--config", "Caddyfile"], "serving initial configuration"


PROXIES = [nginx, caddy]


class Proxied:
    def __init__(self, port, trusted):
        self.port = port
        self._trusted = trusted

    @asynccontextmanager
    async def client(self, user, address, origin="https://example.org", **options):
        """Somebody's page, at this address."""
        there = {"host": "127.0.0.1", "port": self.port, "local_addr": (address, 0), "proxy": None}
        url = f"wss://example.org:{self.port}/hub"
        async with connect(url, ssl=self._trusted, origin=origin, **there, **options) as socket:
            client = Client(socket)
            await client.hello(user=user)
            yield client


@contextlib.contextmanager
def proxy(program, folder, ports):
    """`program` before hubs at these ports."""
    authority = trustme.CA()
    certificate = authority.issue_cert("example.org")
    certificate.private_key_pem.write_to_path(folder / "example.org.key")
    for number, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(folder / "example.org.pem", append=number > 0)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    port = free_port()
    hubs = {f"127.0.0.1:{8765 + number}": f"localhost:{hub}" for number, hub in enumerate(ports)}
    command, ready = program(folder, port, hubs)
    environment = {**os.environ, **dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            lines = []
            while not lines or ready not in lines[-1]:
                lines.append(process.stderr.readline())
                assert lines[-1], lines
            yield Proxied(port, trusted)
        finally:
            process.terminate()
            process.communicate()


def addresses(*hubs):
    """(user, address) of all connections."""
    return sorted((one.user, one.page.address) for running in hubs for one in running.hub.connections)


@pytest.mark.parametrize("program", PROXIES)
def test_pages_reach_the_hubs_and_the_hubs_know_their_addresses(program, tmp_path):
    async def main():
        async with AsyncExitStack() as stack:
            hubs = [await stack.enter_async_context(running(**HUB)) for _ in range(2)]
            proxied = stack.enter_context(proxy(program, tmp_path, [hub.port for hub in hubs]))
            for user, address in zip(("ada", "bob"), PAGES, strict=True):
                # a page cannot say so, but a program can
                lie = {"X-Forwarded-For": "192.0.2.1"}
                client = await stack.enter_async_context(proxied.client(user, address, additional_headers=lie))
                await client.ask("join", channel=user)
                assert (await client.ask("publish", channel=user, data="x" * 50_000))["offset"] == 1
                assert len((await client.receive("message"))["data"]) == 50_000
            assert addresses(*hubs) == [("ada", PAGES[0]), ("bob", PAGES[1])]
            with pytest.raises(InvalidStatus, match="403"):
                await stack.enter_async_context(proxied.client("eve", PAGES[0], origin="https://example.com"))

    run(main())


@pytest.mark.parametrize("program", PROXIES)
def test_the_own_host_of_a_hub_is_that_of_the_page(program, tmp_path):
    async def main():
        async with running(hosts=("example.org",), proxies=1) as hub:
            with proxy(program, tmp_path, [hub.port] * 2) as proxied:
                async with proxied.client("ada", PAGES[0]):
                    assert addresses(hub) == [("ada", PAGES[0])]

    run(main())


@pytest.mark.parametrize("program", PROXIES)
def test_pages_reach_the_hub_that_is_left_while_the_other_restarts(program, tmp_path):
    async def main():
        async with AsyncExitStack() as stack:
            first, second = [await stack.enter_async_context(running(**HUB)) for _ in range(2)]
            proxied = stack.enter_context(proxy(program, tmp_path, [first.port, second.port]))
            while not first.hub.connections:
                client = await stack.enter_async_context(proxied.client("ada", PAGES[0]))
            first.server.close()
            await first.hub.stop()
            assert await client.closed() == 1012
            before = len(second.hub.connections)
            for _ in range(8):
                await stack.enter_async_context(proxied.client("ada", PAGES[0]))
            assert len(second.hub.connections) == before + 8

    run(main())


def test_nginx_waits_longer_for_a_page_than_the_hub_does():
    (seconds,) = re.findall(r"proxy_read_timeout (\d+)s", PAGE)
    assert int(seconds) > Settings().idle_timeout
