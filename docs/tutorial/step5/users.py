"""Who may come in:  python -m browserws.server --auth users:authenticate

python users.py ada     prints the token of ada
"""

import hashlib
import hmac
import os
import sys

SECRET = os.environ.get("CHAT_SECRET", "for this tutorial only").encode()


def token_of(user):
    signature = hmac.new(SECRET, user.encode(), hashlib.sha256).hexdigest()
    return f"{user}.{signature}"


def authenticate(token):
    user = (token or "").rpartition(".")[0]
    return user if user and hmac.compare_digest(token, token_of(user)) else None


if __name__ == "__main__":
    print(token_of(sys.argv[1]))
