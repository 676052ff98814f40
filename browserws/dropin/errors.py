"""`NotInPages`: a library asks for what no page can do."""

from ..errors import WebSocketException


class NotInPages(WebSocketException, NotImplementedError):
    """A page cannot do this; the text names it, and what to do instead."""
