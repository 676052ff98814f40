"""A vote with the client of gql. Two lines let it connect from a page: the first two below."""

import browserws.dropin

browserws.dropin.install()

import asyncio

from gql import Client, gql
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from pyscript import document, when, window
from tenacity import retry, wait_random_exponential

QUESTION = gql("query { question }")
OPTIONS = gql("subscription { options { name votes } }")
VOTE = gql("mutation ($option: String!) { vote(option: $option) { name votes } }")

session = None


# --- GraphQL, as gql's documentation has it ---


async def main():
    """Show the options as they change, over a connection that gql makes again when it is lost."""
    global session
    url = window.location.origin.replace("http", "ws", 1) + "/graphql/votes"
    client = Client(transport=WebsocketsTransport(url=url))
    show_state("CONNECTING", "connecting")
    again = retry(wait=wait_random_exponential(max=5))
    session = await client.connect_async(reconnecting=True, retry_connect=again, retry_execute=False)
    while True:
        try:
            element("question").textContent = (await session.execute(QUESTION))["question"]
            async for result in session.subscribe(OPTIONS):
                show_state("OPEN", "connected")
                show_options(result["options"])
        except TransportError:
            show_state("CONNECTING", "connection lost, gql reconnects")
        await asyncio.sleep(0.5)


async def vote(name):
    element("trouble").textContent = ""
    try:
        await session.execute(VOTE, variable_values={"option": name})
    except TransportQueryError as error:  # the server's answer
        element("trouble").textContent = error.errors[0]["message"]
    except TransportError as error:
        element("trouble").textContent = f"Not voted: {error}"


@when("click", "#options")
async def on_option(event):
    button = event.target.closest("button")
    if button is not None:
        await vote(button.getAttribute("data-name"))


@when("submit", "#other")
async def on_other(event):
    name = element("name").value
    element("name").value = ""
    await vote(name)


# --- the page ---


def element(name):
    return document.getElementById(name)


def make(tag, text=""):
    node = document.createElement(tag)
    node.textContent = text
    return node


def show_state(state, text):
    element("state").textContent = text
    element("state").setAttribute("data-state", state)
    element("vote").disabled = state != "OPEN"


def show_options(options):
    total = sum(option["votes"] for option in options)
    element("total").textContent = f"{total} vote{'' if total == 1 else 's'}. Click on what you vote for."
    rows = {row.getAttribute("data-name"): row for row in document.querySelectorAll("#options button")}
    for option in options:
        row = rows.get(option["name"]) or make_row(option["name"])
        row.querySelector("b").textContent = str(option["votes"])
        row.querySelector("i").style.width = f"{100 * option['votes'] / max(total, 1):.1f}%"


def make_row(name):
    row = make("button")
    row.setAttribute("data-name", name)
    row.append(make("i"), make("span", name), make("b"))
    item = make("li")
    item.append(row)
    element("options").append(item)
    return row


voting = asyncio.create_task(main())
