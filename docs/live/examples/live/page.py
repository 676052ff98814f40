from browserws import LiveDataClient
from stage import chart

price = chart("ACME", 30)  # the last 30 seconds
live = LiveDataClient("/hub")

async for update in live.updates("ACME", conflate=True):
    price.add(update.time / 1000, update.data)
