"""For hubs of the random test: a token is NAME+SECONDS, the time since 1970 at which it expires."""

from browserws.server import User


def authenticate(token):
    name, _, expires = (token or "").partition("+")
    return User(name, expires=float(expires)) if expires else None
