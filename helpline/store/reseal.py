"""Changes the key under which everything stored is sealed, on a running line and one record at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from redis import Redis, WatchError
from redis.client import Pipeline

from helpline.privacy.vault import Unreadable, Vault, is_sealed

NOT_OURS = b"rq:"  # RQ's keys hold ids only and nothing sealed
TRIES = 50


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many sealed values were put under the newest key, were so already, or open with no key at all."""

    changed: int = 0
    current: int = 0
    unreadable: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        return Resealed(self.changed + other.changed, self.current + other.current, self.unreadable + other.unreadable)


def reseal(redis: Redis, vault: Vault) -> Resealed:
    """Put everything under the newest key. Harmless on a running line, when run twice, and when it was interrupted.

    A value that a turn changes meanwhile is looked at again, so no turn is lost and none loses.
    """
    done = Resealed()
    for name in redis.scan_iter(count=500):
        if not name.startswith(NOT_OURS):
            done += _one(redis, vault, name)
    return done


def _one(redis: Redis, vault: Vault, name: bytes) -> Resealed:
    for _ in range(TRIES):
        with redis.pipeline(transaction=True) as pipe:
            try:
                pipe.watch(name)  # type: ignore[no-untyped-call]
                return _within(pipe, vault, name)
            except WatchError:
                continue
    raise RuntimeError(f"a record changed {TRIES} times while it was being resealed: run it again")


def _within(pipe: Pipeline, vault: Vault, name: bytes) -> Resealed:
    done, writes = Resealed(), []
    for sealed, write in list(_sealed(pipe, name)):
        if vault.current(sealed):
            done += Resealed(current=1)
            continue
        try:
            new = vault.reseal(sealed)
        except Unreadable:
            done += Resealed(unreadable=1)
        else:
            writes.append((write, new))
            done += Resealed(changed=1)
    pipe.multi()
    for write, new in writes:
        write(pipe, new)
    pipe.execute()
    return done


Write = Callable[[Pipeline, bytes], object]


def _sealed(pipe: Pipeline, name: bytes) -> Iterator[tuple[bytes, Write]]:
    """Every sealed value under this key, each with how to put another in its place; expiry stays as it is."""
    kind: Any = pipe.type(name)
    match kind:
        case b"string":
            value: Any = pipe.get(name)
            found: list[tuple[bytes, Write]] = [(value or b"", _in_string(name))]
        case b"list":
            rows: Any = pipe.lrange(name, 0, -1)
            found = [(row, _in_list(name, place)) for place, row in enumerate(rows)]
        case b"hash":
            fields: Any = pipe.hgetall(name)
            found = [(row, _in_hash(name, field)) for field, row in fields.items()]
        case _:
            return
    yield from ((value, write) for value, write in found if is_sealed(value))


def _in_string(name: bytes) -> Write:
    return lambda pipe, new: pipe.set(name, new, keepttl=True)


def _in_list(name: bytes, place: int) -> Write:
    return lambda pipe, new: pipe.execute_command("LSET", name, place, new)  # type: ignore[no-untyped-call]


def _in_hash(name: bytes, field: bytes) -> Write:
    return lambda pipe, new: pipe.execute_command("HSET", name, field, new)  # type: ignore[no-untyped-call]
