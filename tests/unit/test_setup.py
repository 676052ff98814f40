"""What `make` installs on Debian, with an `apt-get` that only writes down what it is asked for."""

import os

import pytest

from tools import browser, debian, proxies
from tools.paths import ROOT


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A PATH of its own, without a redis-server and with an apt-get."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("CHROMIUM", "FIREFOX", "WEBKIT"):
        monkeypatch.delenv("BROWSERWS_" + name, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(tmp_path / "apt-get", f"echo $* >> {tmp_path}/log")
    return tmp_path


def program(path, line):
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def asked(machine):
    log = machine / "log"
    return log.read_text().splitlines() if log.exists() else []


def test_nothing_is_installed_where_the_tool_is_there(machine):
    program(machine / "redis-server", "true")
    program(machine / "chromium", "echo Chromium 156")
    debian.ensure("redis-server")
    assert browser.ensure_browser("chromium") == str(machine / "chromium")
    assert asked(machine) == []


def test_what_is_installed_is_said_before_it_is(machine, capfd):
    program(machine / "apt-get", f"echo $* >> {machine}/log; echo true > {machine}/redis-server; "
            f"/bin/chmod +x {machine}/redis-server")  # fmt: skip
    debian.ensure("redis-server")
    command = "install -y --no-install-recommends redis-server"
    assert asked(machine) == [command]
    assert f"apt-get {command}" in capfd.readouterr().out


def test_the_lists_of_packages_are_brought_up_to_date_only_where_that_is_needed(machine):
    program(machine / "apt-get", f"echo $* >> {machine}/log; test $1 = update -o -e {machine}/updated || exit 100; "
            f": > {machine}/updated")  # fmt: skip
    assert debian.install("chromium")
    assert [line.split()[0] for line in asked(machine)] == ["install", "update", "install"]


PACKAGES = {"firefox": "firefox-esr libatomic1", "webkit": "webkit2gtk-driver xvfb"}


@pytest.mark.parametrize("name", PACKAGES)
def test_browser_that_is_missing_is_installed(machine, name, capfd):
    files = {"firefox": ["firefox-esr"], "webkit": ["WebKitWebDriver", "Xvfb"]}[name]
    makes = "; ".join(f"echo '#!/bin/sh' > {machine}/{file}; /bin/chmod +x {machine}/{file}" for file in files)
    program(machine / "apt-get", f"echo $* >> {machine}/log; {makes}")
    assert browser.ensure_browser(name) == str(machine / files[0])
    command = f"install -y --no-install-recommends {PACKAGES[name]}"
    assert asked(machine) == [command]
    assert f"apt-get {command}" in capfd.readouterr().out


@pytest.mark.parametrize("name", PACKAGES)
def test_browser_that_cannot_be_installed_is_named(machine, name):
    (machine / "apt-get").unlink()
    with pytest.raises(SystemExit, match=f"apt-get install {PACKAGES[name]}.*BROWSERWS_{name.upper()}"):
        browser.ensure_browser(name)


def test_driver_of_webkit_without_an_x_server_is_not_enough(machine):
    program(machine / "WebKitWebDriver", "test $1 = --help")
    assert browser.find_browser("webkit") is None
    program(machine / "Xvfb", "true")
    assert browser.find_browser("webkit") == str(machine / "WebKitWebDriver")


def test_browser_that_the_environment_names_comes_first(machine, monkeypatch):
    program(machine / "firefox", "true")
    assert browser.find_browser("firefox") == str(machine / "firefox")
    program(machine / "other", "true")
    monkeypatch.setenv("BROWSERWS_FIREFOX", str(machine / "other"))
    assert browser.find_browser("firefox") == str(machine / "other")


def test_what_cannot_be_installed_is_named(machine):
    program(machine / "apt-get", "exit 100")
    with pytest.raises(SystemExit, match="Install it .Debian: apt-get install redis-server"):
        debian.ensure("redis-server")
    (machine / "apt-get").unlink()
    assert not debian.install("chromium")


def test_proxies_are_unpacked_and_not_installed(machine, monkeypatch):
    folder = machine / "unpacked"
    monkeypatch.setattr(proxies, "FOLDER", folder)
    monkeypatch.setattr(proxies, "PLACES", [str(folder / "usr" / "bin")])
    program(machine / "apt-get", f"echo $* >> {machine}/log; : > caddy_2_amd64.deb")
    program(machine / "dpkg", f"echo $* >> {machine}/log; /bin/mkdir -p usr/bin; /bin/cp {machine}/dpkg usr/bin/caddy")
    proxies.ensure("caddy")
    assert proxies.find("caddy") == str(folder / "usr" / "bin" / "caddy")
    proxies.ensure("caddy")
    assert asked(machine) == ["download caddy", "-x caddy_2_amd64.deb ."]
    with pytest.raises(SystemExit, match="apt-get install nginx"):
        proxies.ensure("nginx")


def test_where_we_may_not_nothing_happens(machine, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)  # and there is no sudo
    assert not debian.install("chromium")
    assert asked(machine) == []


def test_the_demos_need_neither_redis_nor_a_browser_of_their_own():
    (needs,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("demo:")]
    assert needs.split("##")[0].split()[1:] == ["python", "runtimes", "notebook", "libraries"]
