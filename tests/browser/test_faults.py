"""What a `ReliableWebSocket` survives, in a real browser, through a proxy that misbehaves."""

import subprocess
import sys

import pytest

from tests.browser.remote import through
from tools.paths import ROOT


class Server:
    """The echo server, as a process."""

    def __init__(self, port=0):
        command = [sys.executable, "-m", "tests.faults.echo_server", str(port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_server_that_is_restarted_or_killed(remote, how):
    """Connected again as soon as it is back; what was queued meanwhile arrives."""
    server = Server()
    try:
        remote.begin(repr(f"ws://localhost:{server.port}/"))
        remote.wait("open")
        getattr(server.process, how)()
        remote.wait("reconnecting")
        remote.run("ws.send('queued')")
        server.kill()
        server = Server(server.port)
        remote.wait("reconnected")
        assert remote.wait("message")["data"] == "queued"
        remote.end()
    finally:
        server.kill()


def test_refused_for_20_s(remotes, proxy):
    """It goes on trying, ever less often, and is back when the server is."""
    remote = remotes("py")
    remote.begin(through(proxy, "/greet"), "{'max_reconnect_interval': 2000}")
    remote.wait("open")
    proxy.refuse()
    proxy.cut()
    start = remote.wait("close")["at"]
    remote.page.wait_for_function("start => performance.now() > start + 20_000", arg=start, timeout=30_000)
    assert 5 <= len(remote.log("connecting")) <= 60
    proxy.accept()
    remote.wait("reconnected")
    remote.end()


def test_flapping_each_second(remote, proxy):
    """A line that is cut again and again is made anew each time; nothing that was queued is lost."""
    remote.begin(through(proxy, "/echo"))
    for time in range(1, 5):
        remote.wait("open", time)
        remote.run(f"ws.send('{time}')")
        remote.wait("message", time)
        proxy.cut()
    remote.wait("open", 5)
    assert [line["data"] for line in remote.log("message")] == ["1", "2", "3", "4"]
    remote.end()


def test_half_open_line_is_found_by_the_heartbeat_within_twice_its_interval(remote, proxy):
    remote.begin(through(proxy, "/echo"))
    remote.run("ws.set_heartbeat(1000, 'ping', 'ping')")
    remote.wait("open")
    remote.page.wait_for_function("() => (python('js.value = ws.latency'), globalThis.value)")
    proxy.swallow()
    swallowed = remote.page.evaluate("performance.now()")
    line = remote.wait("close")
    assert line["code"] == 1006 and "heartbeat" in line["reason"]
    assert line["at"] - swallowed < 2 * 1000 + 800  # what is over is the machine's
    remote.wait("reconnected")
    remote.end()


def test_what_was_in_flight_when_the_connection_was_lost_is_reported(remote, proxy):
    """Its fate is unknown: nothing shows whether it arrived."""
    remote.begin(through(proxy, "/echo"))
    remote.wait("open")
    proxy.swallow()
    remote.run("[ws.send(str(n)) for n in range(3)]")
    proxy.cut()
    assert remote.wait("undelivered")["messages"] == ["0", "1", "2"]
    remote.wait("reconnected")
    assert remote.log("message") == []
    remote.end()


@pytest.mark.parametrize("fault", ["corrupt", "cut_inside_frame"])
def test_broken_frames(remote, proxy, fault):
    """A frame that is corrupt or ends in its middle is no message: the connection is made anew."""
    remote.begin(through(proxy, "/echo"))
    remote.wait("open")
    getattr(proxy, fault)()
    remote.run("ws.send('x' * 1000)")
    assert remote.wait("close")["code"] == 1006
    remote.wait("reconnected")
    assert remote.log("message") == []
    remote.end()


def test_half_closed_line(remote, proxy):
    remote.begin(through(proxy, "/echo"))
    remote.wait("open")
    proxy.close_half()
    remote.wait("reconnected")
    remote.end()


@pytest.mark.parametrize("code", [1001, 1011, 1012, 1013])
def test_closes_that_pass(remote, site, code):
    remote.begin(repr(f"ws://localhost:{site.port}/close-after/{code}"))
    remote.wait("open")
    remote.run("ws.send('go')")
    assert remote.wait("close")["code"] == code
    remote.wait("reconnected")
    assert len(remote.log("message")) == 3
    remote.end()


@pytest.mark.parametrize("status", [400, 401, 403, 502, 503])
def test_handshake_that_is_answered_with_an_error(remote, proxy, status):
    """The browser does not tell which: it is tried again until it is let in."""
    proxy.answer(status)
    remote.begin(through(proxy, "/greet"))
    remote.wait("reconnecting", 2)
    proxy.accept()
    assert remote.wait("message")["data"] == "welcome"
    remote.end()


def test_handshake_that_is_held_does_not_hold_up_the_next(remote, proxy):
    """A browser would wait for minutes, and keep later handshakes to this host waiting, too."""
    proxy.hold()
    remote.begin(through(proxy, "/greet"), "{'connect_timeout': 300}")
    line = remote.wait("close")
    assert line["code"] == 1006 and 250 < line["at"] - remote.log("connecting")[0]["at"] < 5000
    proxy.accept()
    remote.wait("open")
    remote.end()


def test_black_hole_ends_within_our_own_timeouts(remote, proxy):
    """close() is over after `close_timeout`, though the browser takes a minute."""
    remote.begin(through(proxy, "/echo"), "{'close_timeout': 300}")
    remote.wait("open")
    proxy.swallow()
    start = remote.page.evaluate("performance.now()")
    remote.run("ws.close()")
    line = remote.wait("close")
    assert line["code"] == 1006 and line["at"] - start < 5000
    assert remote.value("ws.state") == "CLOSED"


def test_accept_then_close_makes_few_attempts(remotes, site):
    """With the delays as they are by default, at most 8 attempts in 30 s (without jitter: by chance it may be more)."""
    remote = remotes("mpy")
    address = repr(f"ws://localhost:{site.port}/close/1011")
    remote.begin(address, "{'reconnect_interval': 1000, 'max_reconnect_interval': 30000, 'jitter': False}")
    start = remote.wait("connecting")["at"]
    remote.page.wait_for_function("start => performance.now() > start + 8_000", arg=start)
    assert 3 <= len(remote.log("open")) <= 4  # at 0, 1, 3 and 7 s; then at 15 and 31 s
    remote.end()


def test_late_answer_to_the_heartbeat_is_no_message(remote, proxy):
    remote.begin(through(proxy, "/echo"))
    remote.run("ws.set_heartbeat(100, 'ping', 'ping', timeout=2000)")
    remote.wait("open")
    proxy.slow(delay=0.25)
    remote.run("ws.send('x')")
    assert remote.wait("message")["data"] == "x"
    remote.page.wait_for_function("() => (python('js.value = ws.latency'), globalThis.value > 200)")
    assert len(remote.log("message")) == 1 and remote.log("close") == []
    remote.end()


def test_flood_that_arrives_while_it_reconnects(remote, proxy):
    """Each connection's messages come whole and in order, also when the next one follows at once."""
    remote.begin(through(proxy, "/flood/2000"))
    for time in (1, 2):
        remote.wait("open", time)
        remote.run("ws.send('go')")
        remote.wait("message", 2000 * (time - 1) + 500)
        if time == 1:
            remote.run("ws.reconnect()")
    remote.wait("open", 2)
    remote.page.wait_for_function("log.filter((line) => line.type === 'message').at(-1).data === '1999'")
    numbers = [int(line["data"]) for line in remote.log("message")]
    again = numbers.index(0, 1)
    assert numbers[:again] == list(range(again)) and numbers[again:] == list(range(2000))
    remote.end()


def test_thousand_messages_that_were_queued_offline_arrive_once_and_in_order(remote, proxy):
    remote.begin(through(proxy, "/echo"))
    remote.wait("open")
    proxy.refuse()
    proxy.cut()
    remote.wait("reconnecting")
    remote.run("[ws.send(str(n)) for n in range(1000)]")
    proxy.accept()
    remote.wait("message", 1000)
    assert [line["data"] for line in remote.log("message")] == [str(number) for number in range(1000)]
    remote.end()


def test_slow_line_with_jitter_keeps_the_order(remote, proxy):
    remote.begin(through(proxy, "/flood/300"))
    remote.wait("open")
    proxy.slow(delay=0.005, jitter=0.02, rate=200_000)
    remote.run("ws.send('go')")
    remote.wait("message", 300)
    assert [line["data"] for line in remote.log("message")] == [str(number) for number in range(300)]
    remote.end()


def test_server_that_never_completes_the_closing_handshake(remote, proxy):
    """As Robyn's do: 1006 comes back, and close() is final all the same."""
    remote.begin(through(proxy, "/echo"))
    remote.wait("open")
    proxy.hang_up_on_close()
    remote.run("ws.close(4000, 'enough')")
    line = remote.wait("close")
    assert (line["code"], line["wasClean"]) == (1006, False)
    assert remote.value("ws.state") == "CLOSED"
    assert "reconnecting" not in remote.names()


def test_provider_whose_promise_is_rejected_or_never_settled(remote, proxy):
    """Each is an attempt that failed; the address that comes at last is taken."""
    address = through(proxy, "/greet")
    remote.run("promises = [js.Promise.race(js.Array.new()), js.Promise.reject(js.Error.new('no token'))]")
    remote.begin(f"lambda: promises.pop() if promises else {address}", "{'connect_timeout': 300}")
    assert remote.wait("message")["data"] == "welcome"
    assert [line["attempt"] for line in remote.log("connecting")] == [0, 1, 2]
    assert len(remote.log("error")) == 1 and "no token" in remote.log("error")[0]["error"]
    remote.end()


def test_page_can_have_two(remote, proxy):
    remote.begin(through(proxy, "/greet"))
    remote.run(f"other = watch({through(proxy, '/echo')})")
    remote.wait("open", 2)
    proxy.cut()
    remote.wait("reconnected", 2)
    remote.run("other.close()")
    remote.end()
