"""A queue and worker as RQ is used out of the box, on a Redis of its own: what the line's jobs are measured beside."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from bench import stack
from helpline.running.embedded_redis import EmbeddedRedis

LATE = "stock:late"
"""How late each job ran, written by `bench.peers.stock_alert`."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Its Redis, its queue, and a way to start a worker, with the name of its log and more options."""

    redis: Redis
    queue: Queue
    worker: Callable[..., AbstractContextManager[subprocess.Popen[bytes]]]


@contextmanager
def stock() -> Iterator[Stock]:
    """One that ends with its Redis."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder) / "v") as server:
        redis = Redis.from_url(server.address)
        command = [sys.executable, "-m", "rq.cli", "worker", "stock", "--url", server.address, "--quiet"]
        command += ["--serializer", "rq.serializers.JSONSerializer"]
        env = {**os.environ, "STOCK_REDIS": server.address}
        yield Stock(
            redis,
            Queue("stock", connection=redis, serializer=JSONSerializer),
            lambda name, *options: stack.process([*command, *options], env, Path(folder) / f"{name}.log"),
        )
