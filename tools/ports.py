"""A port that is free, for a program that has to be told which to use."""

import socket


def free_port():
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return free.getsockname()[1]
