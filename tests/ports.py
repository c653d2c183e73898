"""Ports of this machine for what a test starts."""

import itertools
import os
import random
import socket

LOWEST, HIGHEST = 20_000, 32_000
"""Below the ports Linux gives to outgoing connections (net.ipv4.ip_local_port_range, 32768 to 60999 unless set):
one of those may be taken by any client between the question and the server's own bind."""

_turn = itertools.cycle(random.Random(os.getpid()).sample(range(LOWEST, HIGHEST), HIGHEST - LOWEST))


def free_port() -> int:
    """A port nobody listens on, and none that this process was given lately."""
    for port in _turn:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("the cycle never ends")
