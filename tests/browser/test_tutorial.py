"""Each step of the tutorial, as its reader has it: the files of docs/tutorial/, a hub, and two people."""

import contextlib
import re
import subprocess
import sys

import pytest

from tests.browser.test_readme import open_copy
from tests.faults.proxy import FaultProxy
from tests.server.process import HubProcess
from tools.paths import ROOT
from tools.redis import RedisServer

TUTORIAL = ROOT / "docs" / "tutorial"


@pytest.fixture
def people(browser, site):
    """`enter(step, answer, *ports)` opens the page of that step; `answer` is what the reader says when it asks."""
    with contextlib.ExitStack() as stack:

        def enter(step, answer, *ports):
            source = (TUTORIAL / f"step{step}" / "index.html").read_text()
            for port, ours in zip((8765, 8766), ports, strict=False):
                source = source.replace(f"localhost:{port}", f"localhost:{ours}")
            assert not re.search(r"localhost:876", source)
            context = browser.new_context()
            stack.callback(context.close)
            page = context.new_page()
            page.on("dialog", lambda dialog: dialog.accept(answer))
            open_copy(page, site, f"step{step}.html", source)
            return page

        yield enter


@pytest.fixture
def hub():
    """Starts hubs, with these options."""
    with contextlib.ExitStack() as stack:

        def start(*options):
            hub = HubProcess("--presence-grace", "1", *options, quiet=True)
            stack.callback(hub.kill)
            return hub

        yield start


def is_open(page):
    page.locator("#state", has_text=re.compile("^open$")).wait_for(timeout=60_000)
    return page


def say(page, text):
    page.fill("#text", text)
    page.press("#text", "Enter")


def sees(page, text):
    page.locator("#log").get_by_text(text, exact=True).wait_for()


def token_of(user):
    command = [sys.executable, TUTORIAL / "step5" / "users.py", user]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_step_1_shows_that_there_is_a_connection(people, hub):
    server = hub()
    page = is_open(people(1, None, server.port))
    server.kill()
    page.locator("#state", has_text="waiting").wait_for()
    server.start()
    is_open(page)


def test_step_2_shows_each_what_the_other_says(people, hub):
    port = hub().port
    ada, bob = [is_open(people(2, name, port)) for name in ("ada", "bob")]
    say(ada, "hello <b>")
    for page in (ada, bob):
        sees(page, "ada: hello <b>")


def test_step_3_loses_nothing_with_the_connection(people, hub):
    server = hub()
    ada = is_open(people(3, "ada", server.port))
    say(ada, "is anybody here?")
    with FaultProxy(server.port) as line:
        bob = is_open(people(3, "bob", line.port))
        sees(bob, "ada: is anybody here?")
        ada.locator("#members", has_text="ada, bob").wait_for()
        line.refuse()
        line.cut()
        bob.locator("#state", has_text="waiting").wait_for()
        say(ada, "and now?")
        say(bob, "I am on a train")
        bob.locator("#waiting", has_text="1 on their way").wait_for()
        line.accept()
        sees(bob, "ada: and now?")
        sees(ada, "bob: I am on a train")
        bob.wait_for_function("() => document.querySelector('#waiting').textContent === ''")


def test_step_3_sends_what_was_written_while_the_hub_was_down(people, hub):
    server = hub()
    ada = is_open(people(3, "ada", server.port))
    server.kill()
    ada.locator("#state", has_text="waiting").wait_for()
    say(ada, "are you there?")
    server.start()
    sees(ada, "ada: are you there?")


def test_step_4_says_what_the_rules_say(people, hub):
    port = hub("--setup", "docs.tutorial.step4.rules:setup").port
    ada = is_open(people(4, "ada", port))
    say(ada, "fine :)")
    sees(ada, "ada: fine 🙂")
    say(ada, "x" * 501)
    sees(ada, "(say something, in at most 500 characters)")


def test_step_5_lets_nobody_in_without_a_token(people, hub):
    port = hub("--auth", "docs.tutorial.step5.users:authenticate").port
    ada = is_open(people(5, token_of("ada"), port))
    say(ada, "it is me")
    sees(ada, "ada: it is me")
    eve = people(5, "ada.0123456789", port)
    eve.locator("#state", has_text="closed").wait_for(timeout=60_000)
    sees(eve, "(the hub refused the token: the token is missing, wrong or too old)")


def test_step_6_goes_on_when_one_of_two_hubs_has_died(people, hub):
    with RedisServer() as redis:
        options = ["--redis", redis.url, "--setup", "docs.tutorial.step4.rules:setup"]
        options += ["--auth", "docs.tutorial.step5.users:authenticate"]
        one, other = hub(*options), hub(*options)
        ada = is_open(people(6, token_of("ada"), one.port, other.port))
        bob = is_open(people(6, token_of("bob"), other.port, one.port))  # each begins with another one
        say(ada, "hello")
        sees(bob, "ada: hello")
        other.kill()  # ada's
        say(ada, "still here")
        sees(bob, "ada: still here")
        sees(ada, "ada: still here")
        other.start()
        say(bob, "so am I")
        sees(ada, "bob: so am I")
