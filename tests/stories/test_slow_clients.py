"""Clients that open connections and say little hold no worker: people are answered meanwhile."""

import contextlib
import socket
import time
from urllib.parse import urlsplit

import pytest

from config.web import THREADS, WORKERS
from tests.stories.people import NUMBERS

pytestmark = pytest.mark.story

ANSWERED_WITHIN_S = 5.0  # with a loaded machine's patience; a turn takes milliseconds
MANY = 4 * WORKERS * THREADS


@contextlib.contextmanager
def slow_ones(line, begins):
    """Connections that sent this much of a request and then nothing."""
    where = urlsplit(line.url)
    with contextlib.ExitStack() as opened:
        for _ in range(MANY):
            connection = opened.enter_context(socket.create_connection((where.hostname, where.port), 5))
            connection.sendall(begins)
        yield


@pytest.mark.parametrize(
    "begins",
    [
        b"",
        b"POST /twilio/sms HTTP/1.1\r\nHost: x\r\nX-Tw",
        b"POST /twilio/sms HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: x\r\nContent-Length: 1000\r\n\r\nBody=",
    ],
    ids=["nothing", "half a header", "half a body"],
)
def test_slow_clients_hold_nobody_up(line, begins):
    caller = line.phone(next(NUMBERS))
    with slow_ones(line, begins):
        began = time.monotonic()
        assert "911" in " ".join(caller.texts("hi"))
        assert time.monotonic() - began < ANSWERED_WITHIN_S


def test_headers_that_never_end_are_cut_off(line):
    where = urlsplit(line.url)
    with socket.create_connection((where.hostname, where.port), 30) as connection:
        connection.sendall(b"POST /twilio/sms HTTP/1.1\r\nHost: x\r\nX-Tw")
        connection.settimeout(30)
        assert connection.recv(1000) == b""  # closed by the server, within its time limit and ours
