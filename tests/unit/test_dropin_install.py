"""Installing, again, and taking it back; and where it is refused."""

import asyncio
import signal
import sys

import pytest

import browserws.dropin
from browserws.dropin import installation
from browserws.dropin.patches import signals
from browserws.dropin.settings import Settings, current


@pytest.fixture(autouse=True)
def nothing_installed():
    yield
    installation.uninstall()


def rewrite(url, headers, subprotocols):
    return url, subprotocols


def test_outside_a_browser_it_is_refused_and_says_why():
    with pytest.raises(NotImplementedError, match="needs a browser, and this is cpython"):
        browserws.dropin.install()
    browserws.dropin.uninstall()


def test_on_micropython_it_is_refused_and_says_why(monkeypatch):
    monkeypatch.setattr(sys.implementation, "name", "micropython")
    with pytest.raises(NotImplementedError, match="needs Pyodide"):
        browserws.dropin.install()


def test_installing_again_changes_the_settings_only():
    finders = len(sys.meta_path)
    installation.apply(Settings())
    installation.apply(Settings(rewrite))
    assert len(sys.meta_path) == finders + 1 and current().rewrite is rewrite
    installation.uninstall()
    installation.uninstall()
    assert len(sys.meta_path) == finders


def test_as_a_context_manager_it_goes_back_to_what_was_before():
    finders = len(sys.meta_path)
    with installation.apply(Settings(rewrite)):
        with installation.apply(Settings(http=False)):
            assert current().rewrite is None and not current().http
        assert current().rewrite is rewrite and len(sys.meta_path) == finders + 1
    assert len(sys.meta_path) == finders


def test_handlers_of_signals_are_called_as_on_cpython():
    class Loop(asyncio.SelectorEventLoop):
        add_signal_handler, remove_signal_handler = signals.add_signal_handler, signals.remove_signal_handler

    async def main():
        loop, seen = asyncio.get_running_loop(), []
        loop.add_signal_handler(signal.SIGTERM, seen.append, 1)
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0.01)
        assert seen == [1]
        assert loop.remove_signal_handler(signal.SIGTERM) and not loop.remove_signal_handler(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(main())


def test_rewrite_has_to_be_a_function():
    with pytest.raises(TypeError, match="rewrite must be a function, not str"):
        installation.apply(Settings("https://example.org"))


def test_websockets_refuses_headers_before_it_connects(monkeypatch):
    from websockets.asyncio.client import connect

    connect("ws://localhost/", additional_headers={"Authorization": "x"})
    with installation.apply(Settings()):
        for headers in ({"Authorization": "x"}, [("Authorization", "x")]):
            with pytest.raises(NotImplementedError, match=r"headers with a WebSocket: Authorization.*rewrite"):
                connect("ws://localhost/", additional_headers=headers)
        connect("ws://localhost/", additional_headers={"Accept-Language": "de", "User-Agent": "x"})
        connect(
            "ws://localhost/", additional_headers={"Content-Type": "x", "X-Stainless-OS": "x", "X-Fern-Language": "x"}
        )
        with installation.apply(Settings(rewrite)):
            connect("ws://localhost/", additional_headers={"Authorization": "x"})
    connect("ws://localhost/", additional_headers={"Authorization": "x"})
    assert asyncio.iscoroutinefunction(connect.__aenter__)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the legacy API
def test_websockets_refuses_another_host_than_that_of_the_url():
    from websockets.asyncio.client import connect
    from websockets.legacy.client import connect as legacy

    with installation.apply(Settings()):
        for kind in (connect, legacy):
            for more in ({"host": "127.0.0.1"}, {"port": 9}):
                with pytest.raises(NotImplementedError, match=f"`{next(iter(more))}`"):
                    kind("ws://overridden/", **more)


def test_backpressure_is_refused_where_there_is_none(no_host):
    with pytest.raises(NotImplementedError, match="WebSocketStream"):
        installation.apply(Settings(backpressure=True))
    assert not current().backpressure
