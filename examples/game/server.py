"""The server of the game: it moves all players thirty times a second, and publishes where they are.

Pages publish in which direction they go; the handler answers that, so nobody else gets it: what all get is the state.
They join with `conflate`: a page that does not keep up misses old states, and never the newest.
"""

import asyncio
import math
import random

from browserws.server import Hub, Message, Refused

CHANNEL = "game"
UPDATES, SPEED = 30, 420  # a second
WIDTH, HEIGHT, RADIUS, DOT = 1200, 700, 30, 13


class Player:
    def __init__(self):
        self.x, self.y = random_place()
        self.direction, self.points = (0, 0), 0


def random_place():
    return random.uniform(RADIUS, WIDTH - RADIUS), random.uniform(RADIUS, HEIGHT - RADIUS)


class Program:
    def __init__(self, hub: Hub):
        self._hub = hub
        self.players: dict[str, Player] = {}  # by the user's name
        self._dots = [random_place() for _ in range(7)]
        hub.on("join")(self._join)
        hub.on("publish")(self._steer)
        hub.on("leave")(self._leave)

    def _join(self, channel: str, user: str):
        if channel == CHANNEL and user not in self.players:
            while self._reached(player := Player()):
                pass  # nobody begins with a point
            self.players[user] = player

    def _leave(self, channel: str, user: str):
        if channel == CHANNEL:
            self.players.pop(user, None)

    def _steer(self, channel: str, user: str, message: Message):
        if channel == CHANNEL:
            match message.data:  # a page may send anything
                case [int() | float() as x, int() | float() as y] if max(abs(x), abs(y)) <= 1 and user in self.players:
                    self.players[user].direction = (x, y)
                    message.answer()
                case _:
                    raise Refused("a direction is two numbers from -1 to 1")

    async def run(self):
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            due = max(due + 1 / UPDATES, clock())
            await asyncio.sleep(due - clock())
            if self.players:
                self._move()
                players = [[user, round(one.x), round(one.y), one.points] for user, one in self.players.items()]
                dots = [[round(x), round(y)] for x, y in self._dots]
                await self._hub.publish(CHANNEL, {"players": players, "dots": dots})

    def _move(self):
        for player in self.players.values():
            x, y = player.direction
            far = SPEED / UPDATES / max(1, math.hypot(x, y))
            player.x = min(max(player.x + x * far, RADIUS), WIDTH - RADIUS)
            player.y = min(max(player.y + y * far, RADIUS), HEIGHT - RADIUS)
            caught = self._reached(player)
            player.points += len(caught)
            self._dots = [random_place() if dot in caught else dot for dot in self._dots]

    def _reached(self, player):
        return [dot for dot in self._dots if math.dist((player.x, player.y), dot) < RADIUS + DOT]
