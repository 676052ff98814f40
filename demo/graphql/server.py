"""The server of this demo: a vote, with graphql-core, over a WebSocket. It knows nothing of browserws.

The messages are those of the subprotocol graphql-transport-ws:
https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import json
from inspect import isawaitable

from aiohttp import web
from graphql import (
    GraphQLError,
    GraphQLSyntaxError,
    OperationType,
    build_schema,
    get_operation_ast,
    graphql,
    parse,
    subscribe,
    validate,
)

PATH = "/graphql/votes"
SUBPROTOCOL = "graphql-transport-ws"
MOST_OPTIONS = 8

SCHEMA = build_schema("""
    type Option { name: String!, votes: Int! }
    type Query { question: String! }
    type Mutation { vote(option: String!): Option! }
    type Subscription { options: [Option!]! }
""")


class Vote:
    """The root of the schema: its fields are these methods."""

    def __init__(self):
        self.votes = {"Asking": 0, "Explaining": 0, "Trying it out": 0}
        self.changed = asyncio.Condition()

    def now(self):
        """For the list of demos."""
        name, votes = max(self.votes.items(), key=lambda option: option[1])
        return f"{name}: {votes} of {sum(self.votes.values())} votes" if votes else "no votes yet"

    def question(self, info):
        return "How do you learn best?"

    async def vote(self, info, option):
        name = option.strip()
        if not 0 < len(name) <= 30:
            raise GraphQLError("an option has 1 to 30 characters")
        if name not in self.votes and len(self.votes) == MOST_OPTIONS:
            raise GraphQLError(f"there are {MOST_OPTIONS} options, and no more are taken")
        async with self.changed:
            self.votes[name] = self.votes.get(name, 0) + 1
            self.changed.notify_all()
        return {"name": name, "votes": self.votes[name]}

    async def options(self, info):
        """All options, now and after each vote."""
        while True:
            yield {"options": [{"name": name, "votes": votes} for name, votes in self.votes.items()]}
            async with self.changed:
                await self.changed.wait()


class Conversation:
    """One client, and what it has subscribed to."""

    def __init__(self, ws, vote):
        self.ws = ws
        self.vote = vote
        self.running = {}  # tasks, by the ID of what they answer

    async def run(self):
        try:
            async for message in self.ws:
                await self.handle(json.loads(message.data))
        finally:
            for task in self.running.values():
                task.cancel()

    async def handle(self, message):
        if message["type"] == "connection_init":
            await self.say("connection_ack")
        elif message["type"] == "ping":
            await self.say("pong")
        elif message["type"] == "subscribe":
            payload = message["payload"]
            answer = self.answer(message["id"], payload["query"], payload.get("variables"))
            self.running[message["id"]] = asyncio.create_task(answer)
        elif message["type"] == "complete" and message["id"] in self.running:
            self.running.pop(message["id"]).cancel()

    async def answer(self, id_, query, variables):
        try:
            document = parse(query)
            errors = validate(SCHEMA, document)
        except GraphQLSyntaxError as error:
            errors = [error]
        if errors:
            await self.say("error", id_, [error.formatted for error in errors])
        elif get_operation_ast(document).operation is OperationType.SUBSCRIPTION:
            results = subscribe(SCHEMA, document, self.vote, variable_values=variables)
            async for result in (await results) if isawaitable(results) else results:
                await self.say("next", id_, result.formatted)
        else:
            result = await graphql(SCHEMA, query, self.vote, variable_values=variables)
            await self.say("next", id_, result.formatted)
            await self.say("complete", id_)
        self.running.pop(id_, None)

    async def say(self, type_, id_=None, payload=None):
        message = {"type": type_, "id": id_, "payload": payload}
        await self.ws.send_json({name: value for name, value in message.items() if value is not None})


def attach(app):
    """Let an application of aiohttp serve it. The vote."""
    vote = Vote()

    async def serve(request):
        ws = web.WebSocketResponse(protocols=[SUBPROTOCOL])
        await ws.prepare(request)
        await Conversation(ws, vote).run()
        return ws

    app.router.add_get(PATH, serve)
    return vote
