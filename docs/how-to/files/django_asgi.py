"""uvicorn myproject.asgi:application --ws-max-size 65536"""

import os
from http.cookies import SimpleCookie

from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "myproject.settings")
django = get_asgi_application()  # before what needs Django's models

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from browserws.server import Hub, Request
from browserws.server.adapters.asgi import HubApp


def user_of_session(key):
    request = HttpRequest()
    request.session = SessionStore(key)
    user = get_user(request)
    return user.username if user.is_authenticated else None


async def authenticate(token, request: Request):
    cookies = SimpleCookie(request.headers.get("Cookie", ""))
    return await sync_to_async(user_of_session)(cookies["sessionid"].value) if "sessionid" in cookies else None


application = HubApp(Hub(authenticate=authenticate), "/hub", django)
