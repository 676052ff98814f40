"""What the public modules share: a connection, how it reconnects, handlers, and waiting."""
