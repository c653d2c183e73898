"""Sentinels that are down or say nothing: a caller's turn must learn that in the two seconds it has."""

import socket
import time
from contextlib import ExitStack

import pytest
from redis.exceptions import RedisError

from config import demo
from config.settings import Settings
from helpline import wiring
from tests.ports import free_port
from tests.stories.sentinel import group

WITHIN_S = 2.0


def silent(stack):
    """The port of a Sentinel that takes connections and never says anything, like a host that was cut off."""
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    return listener.getsockname()[1]


def connected(folder, ports):
    address = f"redis+sentinel://{','.join(f'127.0.0.1:{port}' for port in ports)}/line"
    return wiring.connect(Settings.read(demo.completed({"VAR_DIR": str(folder), "REDIS_URL": address})))


@pytest.mark.parametrize("how", ["silent", "down"])
def test_with_every_sentinel_gone_the_line_knows_it_in_time_for_the_safe_answer(tmp_path, how):
    with ExitStack() as stack:
        ports = [silent(stack) if how == "silent" else free_port() for _ in range(3)]
        redis = stack.enter_context(connected(tmp_path, ports))
        began = time.monotonic()
        with pytest.raises(RedisError):
            redis.ping()
        assert time.monotonic() - began < WITHIN_S


def test_two_of_three_sentinels_gone_cost_the_first_connection_less_than_a_turn_may_take(tmp_path):
    with group(tmp_path) as servers, ExitStack() as stack:
        ports = [silent(stack), free_port(), servers.sentinels[0]]
        redis = stack.enter_context(connected(tmp_path, ports))
        began = time.monotonic()
        assert redis.ping()
        assert time.monotonic() - began < WITHIN_S
