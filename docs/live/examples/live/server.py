import asyncio
import random

from browserws.server import Hub

hub = Hub()


async def main():
    price = 100
    while True:
        price += random.gauss(0, 0.5)
        await hub.publish("ACME", round(price, 2))
        await asyncio.sleep(0.05)
