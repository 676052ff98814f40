"""Pyodide in Node: it has a WebSocket since version 22.0 (which is what runs here), and no page."""

import subprocess

from tools.paths import DIST, NPM, ROOT

NODE = NPM / "node" / "bin" / "node"


def run(site, *options):
    wheel = next(DIST.glob("browserws-*.whl"))
    script = ROOT / "tests" / "browser" / "pages" / "in_node.mjs"
    command = [NODE, *options, script, wheel, f"ws://localhost:{site.port}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    return done.stdout.splitlines()


def test_sockets_work_in_node_and_it_ends_when_they_are_closed(site):
    said, end = run(site)
    assert "isn't a valid URI" in said and end == "all is well"


def test_node_without_websocket_says_so(site):
    (said,) = run(site, "--no-experimental-websocket")
    assert "Node since version 22" in said
