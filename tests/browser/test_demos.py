"""The demos, used as a person uses them, in all four contexts."""

import pytest

from tools.demo import demo_site

CONTEXTS = ["?type=py", "?type=py&worker", "?type=mpy", "?type=mpy&worker"]


def lines(page):
    return page.page.locator("#log li").all_text_contents()


def wait_for_line(page, text):
    page.page.locator("#log li", has_text=text).first.wait_for()


@pytest.mark.parametrize("query", CONTEXTS)
def test_echo(open_page, site, query):
    page = open_page(site.url("/echo/" + query))
    page.page.locator('#state[data-state="READY"]').wait_for(timeout=60_000)
    page.page.click("#connect")
    page.page.locator('#state[data-state="OPEN"]').wait_for()
    page.page.fill("#text", "grüße 😀")
    page.page.click("#send")
    wait_for_line(page, "grüße 😀")
    page.page.locator("#log .received", has_text="grüße 😀").wait_for()
    data = {"name": "three.bin", "mimeType": "application/octet-stream", "buffer": bytes([0, 127, 255])}
    page.page.set_input_files("#file", data)
    page.page.locator("#log .received", has_text="3 bytes: 00 7f ff").wait_for()
    page.page.click("#close")
    page.page.locator('#state[data-state="CLOSED"]').wait_for()
    assert lines(page)[0] == "closed: 1000 clean"
    page.page.fill("#url", "ftp://example.org")
    page.page.click("#connect")
    wait_for_line(page, "the scheme 'ftp'")


def test_the_switch_opens_the_page_with_the_other_interpreter(open_page, site):
    page = open_page(site.url("/echo/?type=mpy"))
    page.page.locator('#state[data-state="READY"]').wait_for(timeout=60_000)
    page.page.select_option("#interpreter", "mpy-worker")
    page.page.wait_for_url("**/echo/?type=mpy&worker")
    page.page.locator('#state[data-state="READY"]').wait_for(timeout=60_000)
    assert page.page.locator("#interpreter").input_value() == "mpy-worker"


def test_the_list_of_demos_leads_to_each(open_page, site):
    page = open_page(site.url("/"))
    page.page.click("text=Echo")
    page.page.wait_for_url("**/echo/")


@pytest.fixture
def demo():
    with demo_site() as site:
        yield site


@pytest.mark.parametrize("query", CONTEXTS)
def test_reliable(open_page, demo, query):
    page = open_page(demo.url("/reliable/" + query))

    def state(name):
        page.page.locator(f'#state[data-state="{name}"]').wait_for(timeout=60_000)
        page.page.locator(f'#states g.lit[data-state="{name}"]').wait_for()

    state("OPEN")
    page.page.click("#send")
    page.page.locator("#log .received", has_text="message 1").wait_for()
    page.page.click('[data-fault="!cut"]')
    wait_for_line(page, "retry 1")
    state("OPEN")
    page.page.locator("#latency", has_text="ms").wait_for()
    page.page.click('[data-fault="!close 4403"]')
    wait_for_line(page, "gave up: the server closed with 4403")
    state("CLOSED")
    page.page.click("#reconnect")
    state("OPEN")
    page.page.locator("#timeline i").nth(4).wait_for()
    page.page.click("#close")
    state("CLOSED")
