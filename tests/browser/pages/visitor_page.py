import json

from visitor import visit


async def main():
    print("visited:" + json.dumps(await visit("")))


await main()
