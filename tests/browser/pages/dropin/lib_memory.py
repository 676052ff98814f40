"""What connections leave in memory: nothing."""

import asyncio
import gc
import sys

import browserws.dropin

browserws.dropin.install()

from tools import url
from websockets.asyncio.client import connect

AT_ONCE = 5  # where more wait for their handshake, Chromium delays each by a second


async def open_and_close(count):
    async def some():
        for _ in range(count // AT_ONCE):
            async with connect(url("/echo"), ping_interval=None) as ws:
                await ws.send("x")
                await ws.recv()

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    await asyncio.sleep(0)


def blocks():
    for _ in range(3):
        gc.collect()
    return sys.getallocatedblocks()


before = None


async def warm_up():
    global before
    await open_and_close(100)
    before = blocks()


async def connections():
    """100 of them: the runner limits the time of each function."""
    await open_and_close(100)


async def is_flat():
    grown = blocks() - before
    assert grown < 500, f"{grown} blocks are left of 1000 connections"  # less than half a one for each
