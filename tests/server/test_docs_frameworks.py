"""The applications of docs/how-to/fastapi.md, with uvicorn, as their reader starts them."""

import contextlib
import http.client
import json
import os
import subprocess

import pytest

from tests.browser.test_frameworks import get
from tests.server.talk import Running, run
from tools.frameworks import PYTHON
from tools.paths import ROOT
from tools.ports import free_port

FILES = ROOT / "docs" / "how-to" / "files"
SETTINGS = """
SECRET_KEY = "secret"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "FILE"}}
"""
LOGIN = """
import django
django.setup()
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
call_command("migrate", verbosity=0)
user = User.objects.create_user("ada")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


@contextlib.contextmanager
def uvicorn(app, folder, **environment):
    port = free_port()
    command = [PYTHON, "-m", "uvicorn", app, "--app-dir", folder, "--port", str(port), "--log-level", "error"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", **environment}
    with subprocess.Popen([*command, "--ws-max-size", "65536"], env=environment) as process:
        try:
            yield port
        finally:
            process.kill()


def test_fastapi():
    async def main(port):
        hub = Running(None, port)
        hub.url += "/hub/"
        async with hub.client() as ada:
            await ada.ask("join", channel="lobby", presence=True)
            connection = http.client.HTTPConnection("localhost", port)
            connection.request("POST", "/announce?text=hello")
            assert json.loads(connection.getresponse().read()) == {"here": ["ada"]}
            connection.close()
            assert (await ada.receive("message"))["data"] == {"text": "hello"}

    with uvicorn("fastapi_app:app", FILES) as port:
        assert "/announce" in get(port, "/openapi.json")
        run(main(port))


@pytest.fixture
def project(tmp_path):
    """A project of Django in which Ada has logged in: its folder, and the key of her session."""
    package = tmp_path / "myproject"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "settings.py").write_text(SETTINGS.replace("FILE", str(tmp_path / "database")))
    (package / "asgi.py").write_text((FILES / "django_asgi.py").read_text())
    (tmp_path / "urls.py").write_text(
        "from django.http import HttpResponse\nfrom django.urls import path\n"
        "urlpatterns = [path('hello', lambda request: HttpResponse('hello'))]\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "DJANGO_SETTINGS_MODULE": "myproject.settings"}
    done = subprocess.run([PYTHON, "-c", LOGIN], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return tmp_path, done.stdout.strip()


def test_django_says_whose_session_it_is(project):
    folder, key = project

    async def main(port):
        hub = Running(None, port)
        hub.url += "/hub"
        async with hub.socket(additional_headers={"Cookie": f"sessionid={key}"}) as ada:
            await ada.send("hello", v=1)
            assert (await ada.receive("welcome"))["user"] == "ada"
        for headers in ({}, {"Cookie": "sessionid=wrong"}):
            async with hub.socket(additional_headers=headers) as eve:
                await eve.send("hello", v=1)
                assert await eve.closed() == 4401

    with uvicorn("myproject.asgi:application", folder) as port:
        assert get(port, "/hello") == "hello"
        run(main(port))
