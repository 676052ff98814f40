"""The protocols of other servers, as codecs for `Channels`, `ChatClient` and `LiveDataClient`."""
