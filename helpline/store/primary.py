"""The primary of a Redis group, found by asking its Sentinels at every new connection.

redis-py 8.1 keeps a connection whose answer did not come in time when Sentinels are used (redis-py pull request 4292):
the next command reads the late answer of the one before, so one caller could be told what is another's, and a primary
that fell silent is asked for ever. Here such a connection is closed, as it is everywhere else in that library.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelManagedConnection, SentinelManagedSSLConnection

from config.redis_address import SentinelAddress


class _ClosedWhenLate(SentinelManagedConnection):
    def read_response(self, *args: Any, **options: Any) -> Any:
        options.setdefault("disconnect_on_error", True)
        return super().read_response(*args, **options)


class _ClosedWhenLateTls(_ClosedWhenLate, SentinelManagedSSLConnection):
    pass


@dataclass(frozen=True, slots=True)
class Waits:
    """How long is waited, in seconds: for a connection, for an answer (None: for ever), for a Sentinel."""

    connect_s: float
    answer_s: float | None
    ask_s: float


def primary(address: SentinelAddress, retry: Retry, waits: Waits, trust: Mapping[str, str]) -> Redis:
    """A pool of connections to whoever is the primary; each Sentinel has its time to connect and answer, once.

    redis-py would ask a dead Sentinel four times with pauses between, while a caller waits: 22 s with three of them.
    `trust`: redis-py's names for whose certificates are taken, where the address asks for TLS.
    """
    watchers = Sentinel(  # type: ignore[no-untyped-call]
        address.sentinels,
        sentinel_kwargs={
            "socket_connect_timeout": waits.ask_s,
            "socket_timeout": waits.ask_s,
            "ssl": address.tls,
            "retry": Retry(NoBackoff(), 0),
            **trust,
        },
    )
    found: Redis = watchers.master_for(  # type: ignore[no-untyped-call]
        address.name,
        connection_class=_ClosedWhenLateTls if address.tls else _ClosedWhenLate,
        db=address.db,
        username=address.user or None,
        password=address.password or None,
        socket_connect_timeout=waits.connect_s,
        socket_timeout=waits.answer_s,
        retry=retry,
        **trust,
    )
    return found
