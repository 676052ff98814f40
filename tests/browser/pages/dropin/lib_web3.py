"""web3's WebSocketProvider, against a fake of a node, with stand-ins for what has no wheel on PyPI for a page."""

import re
import sys
from unittest.mock import MagicMock

import browserws.dropin

browserws.dropin.install()

# ckzg has none at all, and Pyodide no _hashlib, which py_ecc names. In Pyodide's own distribution are regex and
# pycryptodome. Neither signing nor hashing works with these.
CRYPTO = ["Crypto", "Crypto.Cipher", "Crypto.Hash", "Crypto.Protocol", "Crypto.Protocol.KDF", "Crypto.Util"]
for name in ("ckzg", "_hashlib", *CRYPTO):
    sys.modules[name] = MagicMock()
sys.modules["regex"] = re

from browserws.dropin.errors import NotInPages
from tools import raised, server
from web3 import AsyncWeb3, WebSocketProvider
from web3.exceptions import Web3RPCError


def provider(**options):
    return WebSocketProvider(server("fakes", "/ethereum", "ws"), **options)


async def calls():
    """`WebSocketProvider`, with stand-ins for packages that have no wheel (see below): calls"""
    async with AsyncWeb3(provider()) as w3:
        assert await w3.is_connected()
        assert await w3.eth.block_number == 16
        assert await w3.eth.chain_id == 1


async def subscriptions():
    """`eth.subscribe`, and what it sends"""
    async with AsyncWeb3(provider()) as w3:
        subscription = await w3.eth.subscribe("newHeads")
        seen = []
        async for message in w3.socket.process_subscriptions():
            seen.append(message["result"]["number"])
            if len(seen) == 3:
                break
        assert seen == [16, 16, 16]
        assert await w3.eth.unsubscribe(subscription)


async def errors_of_the_node():
    """errors of the node"""
    async with AsyncWeb3(provider()) as w3:
        await raised(Web3RPCError, w3.eth.gas_price)


async def refuses_headers():
    """`additional_headers`: they are named"""
    options = {"additional_headers": {"X-Key": "1"}}
    error = await raised(Exception, AsyncWeb3(provider(websocket_kwargs=options)).__aenter__())
    assert isinstance(error, NotInPages) and "X-Key" in str(error), repr(error)
