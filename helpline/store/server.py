"""What a Redis server says about itself, for the check before a line goes live."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from redis import Redis, RedisError
from redis.sentinel import MasterNotFoundError

from helpline.privacy.vault import Unreadable, Vault
from helpline.store import keys
from helpline.store.redis_store import Unavailable


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The facts a line depends on."""

    version: tuple[int, ...]
    appends: bool
    last_write_ok: bool
    eviction: str
    role: str
    time: datetime
    in_step: int = 0  # servers that have a whole copy


SEALED = ("session:*", "caller:*", "case:*", "contact:*")
SAMPLE = 200
PROBE_S = 10


def unreadable(redis: Redis, vault: Vault) -> bool:
    """Whether something is stored that opens with none of the keys; looks at a few records of each kind."""
    try:
        for pattern in SEALED:
            for name in islice(redis.scan_iter(pattern, count=SAMPLE), 5):
                raw: Any = redis.get(name)
                if raw is not None:
                    vault.open(raw)
    except RedisError as fault:
        raise Unavailable(_why(fault)) from fault
    except Unreadable:
        return True
    return False


def server_facts(redis: Redis) -> ServerFacts:
    """Ask the server. INFO is used, for hosted servers refuse CONFIG.

    Raises:
        Unavailable: the server is not there or refuses; the message says which.

    """
    try:
        info: Any = redis.info()  # redis-py types the answers of both its clients in one
        clock: Any = redis.time()
    except RedisError as fault:
        raise Unavailable(_why(fault)) from fault
    seconds, microseconds = clock
    return ServerFacts(
        version=tuple(int(part) for part in str(info["redis_version"]).split(".")[:3] if part.isdigit()),
        appends=bool(info.get("aof_enabled", 0)),
        last_write_ok=info.get("aof_last_write_status", "ok") == "ok",
        eviction=str(info.get("maxmemory_policy", "unknown")),
        role=str(info.get("role", "unknown")),
        time=datetime.fromtimestamp(seconds + microseconds / 1e6, UTC),
        in_step=sum(_has_a_copy(info.get(f"slave{place}")) for place in range(int(info.get("connected_slaves", 0)))),
    )


def refused_write(redis: Redis) -> str:
    """Why the server takes no writes; empty if it does. Memory, disk or replicas may be what it lacks."""
    try:
        redis.set(keys.heartbeat("check"), "1", ex=PROBE_S)
    except RedisError as fault:
        return type(fault).__name__
    return ""


def _has_a_copy(replica: Any) -> bool:
    """Whether a server follows: "online" alone is said before it has read its copy (seen with Valkey 9.1)."""
    return bool(replica) and replica["state"] == "online" and int(replica["offset"]) > 0


def _why(fault: RedisError) -> str:
    """What went wrong, without the address, which may hold a password."""
    if isinstance(fault, MasterNotFoundError):
        return "no Sentinel that is reached and trusted knows the primary"
    return "its certificate is not trusted" if "CERTIFICATE_VERIFY_FAILED" in str(fault) else type(fault).__name__


def verified_numbers(redis: Redis) -> frozenset[str]:
    """The keys of the staff numbers that count.

    Raises:
        Unavailable: the server is not there or refuses; the message says which.

    """
    try:
        kept: Any = redis.smembers(keys.VERIFIED)
    except RedisError as fault:
        raise Unavailable(_why(fault)) from fault
    return frozenset(raw.decode() if isinstance(raw, bytes) else str(raw) for raw in kept)
