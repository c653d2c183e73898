"""The ground of a transaction: reads watch their keys, writes wait for the commit, doorbells ride along."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from redis import Redis
from redis.client import Pipeline

from helpline.outbox import Bell, Outbox
from helpline.privacy.vault import Vault
from helpline.store import keys
from helpline.store.retention import Retention
from helpline.store.wire import Command, Wire

Write = Callable[[Pipeline], object]


def milliseconds(moment: datetime) -> float:
    """A due-index score."""
    return moment.timestamp() * 1000


def seconds(span: timedelta) -> int:
    """A time to live as Redis takes it."""
    return int(span.total_seconds())


OUTLIVES = timedelta(days=1)
"""How much longer the list of what is kept about a caller lives than the last of it; it is not renewed every turn."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every transaction of a store works with."""

    redis: Redis
    vault: Vault
    outbox: Outbox
    retention: Retention


class Change:
    """Reads see the present; writes happen together at the commit, or not at all."""

    def __init__(self, wire: Wire, means: Means) -> None:
        self._wire = wire
        self._means = means
        self._vault = means.vault
        self.retention = means.retention
        self._writes: list[Command | Write] = []
        self._last: list[Write] = []
        self._bells: list[Bell] = []
        self._loaded: dict[str, Any] = {}
        self._opened: dict[str, Any] = {}
        self._at_commit: dict[str, tuple[Callable[[], Any], timedelta]] = {}
        self.forgetting = False  # everything about the caller is deleted with this commit
        self._belonging: dict[str, set[str]] = {}

    # -- reading ------------------------------------------------------------------------------------------------

    def load(self, names: Sequence[str], asking: Sequence[Command] = ()) -> list[Any]:
        """Fetch these keys in one round trip, so that reading them costs none: a turn names all it will read.

        Gives the answers to what is asked along with it, which is not watched.
        """
        _, values, *answers = self._wire.ask(("WATCH", *names), ("MGET", *names), *asking)
        self._loaded.update(zip(names, values, strict=True))
        return answers

    def load_once(self, names: Sequence[str]) -> None:
        """Fetch those of these keys that are not yet."""
        missing = [name for name in names if name not in self._loaded]
        if missing:
            self.load(missing)

    def read(self, *names: str) -> list[Any]:
        """The opened values of these keys (None where there is none), watched until the commit; not to be changed."""
        self.load_once(names)
        return [self._opened_once(name) for name in names]

    def _opened_once(self, name: str) -> Any:
        if name not in self._opened:
            raw = self._loaded[name]
            self._opened[name] = None if raw is None else self._vault.open(raw)
        return self._opened[name]

    def members(self, name: str) -> frozenset[str]:
        """A set of plain words, watched until the commit."""
        _, found = self._wire.ask(("WATCH", name), ("SMEMBERS", name))
        return frozenset(map(text, found))

    def values_of(self, name: str) -> list[Any]:
        """The opened values of a hash, watched until the commit."""
        _, found = self._wire.ask(("WATCH", name), ("HVALS", name))
        return [self._vault.open(raw) for raw in found]

    def rows_after(self, stream: str, place: str, count: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """Rows of a stream after a place; not watched, for a stream only grows."""
        (rows,) = self._wire.ask(("XRANGE", stream, f"({place}", "+", "COUNT", count))
        return [(place, dict(zip(fields[::2], fields[1::2], strict=True))) for place, fields in rows]

    def draw(self, name: str) -> int:
        """The next number of a counter, drawn at once, whether or not the rest is committed."""
        (number,) = self._wire.ask(("INCR", name))
        return int(number)

    # -- writing ------------------------------------------------------------------------------------------------

    def send(self, *command: Any) -> None:
        """A change by Redis's own words, made with the rest."""
        self._writes.append(command)

    def write(self, change: Write, *, last: bool = False) -> None:
        """Any other change of the store's own modules, made with the rest, or `last`, after it."""
        (self._last if last else self._writes).append(change)

    def put(self, name: str, value: Any, ttl: timedelta | None) -> None:
        """Keep a plain value, sealed."""
        sealed = self._vault.seal(value)
        self.send("SET", name, sealed, *(() if ttl is None else ("EX", seconds(ttl))))

    def put_at_commit(self, name: str, value: Callable[[], Any], ttl: timedelta) -> None:
        """Keep what the value is at the commit; said again, the later one counts."""
        self._at_commit[name] = (value, ttl)

    def keep(self, name: str, value: Any, ttl: timedelta) -> None:
        """Keep a value, sealed, for a while."""
        self.put(name, value, ttl)

    def append(self, name: str, value: Any, ttl: timedelta) -> None:
        """Put a plain value, sealed, at the end of a list; `ttl` counts from the last one."""
        self.send("RPUSH", name, self._vault.seal(value))
        self.send("EXPIRE", name, seconds(ttl))

    def seal(self, value: Any) -> bytes:
        """A value as it may stand in Redis."""
        return self._vault.seal(value)

    def delete(self, *names: str) -> None:
        """Take keys away, and what was to be kept under them at the commit."""
        for name in names:
            self._at_commit.pop(name, None)
        self.send("DEL", *names)

    def wake(self, member: str, at: datetime) -> None:
        """Put a timer into the due index."""
        self.send("ZADD", keys.DUE, milliseconds(at), member)

    def void_timer(self, member: str) -> None:
        """Take a timer back before its time; if it was rung for just now, whoever comes forgets it (`forget_timer`)."""
        self.send("ZREM", keys.DUE, member)

    def forget_timer(self, member: str) -> None:
        """Take a row that was rung for out of the due index."""
        self.send("ZREM", keys.DUE, member)
        self.send("ZREM", keys.RUNG, member)

    def ring(self, bell: Bell) -> None:
        """Ring a worker when the commit is done."""
        self._bells.append(bell)

    # -- what is held about a caller (helpline/store/belongings.py) ---------------------------------------------

    def belongs(self, caller_key: str, *names: str) -> None:
        """These keys tell something about this caller: they go when the caller asks to be forgotten.

        What was there when this transaction read it is in the list already, since it was first written. Without keys
        only the list itself is kept for longer.
        """
        new = [name for name in names if self._loaded.get(name) is None]
        if new or not names:
            self._belonging.setdefault(caller_key, set()).update(new)

    def belonging(self, caller_key: str) -> frozenset[str]:
        """Every key that tells something about this caller, watched until the commit."""
        return self.members(keys.held(caller_key))

    def belonging_now(self, caller_key: str) -> frozenset[str]:
        """The keys this transaction itself adds to them."""
        return frozenset(self._belonging.get(caller_key, ()))

    # -- the end ------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Do all writes and ring all bells in one MULTI/EXEC.

        Raises:
            redis.WatchError: something read here has changed meanwhile; nothing was written.

        """
        for name, (value, ttl) in self._at_commit.items():
            self.put(name, value(), ttl)
        if self._writes or self._last or self._bells or self._belonging:
            self._wire.commit(
                [*self._commands(self._writes), *self._belongings(), *self._commands(self._last_writes())]
            )

    def _last_writes(self) -> Iterator[Write]:
        yield from self._last
        for bell in self._bells:
            yield lambda pipe, bell=bell: self._means.outbox.push(pipe, bell)  # type: ignore[misc]

    def _commands(self, writes: Iterable[Command | Write]) -> list[Command]:
        found: list[Command] = []
        pipe: Pipeline | None = None
        for one in writes:
            if isinstance(one, tuple):
                found.append(one)
                continue
            if pipe is None:
                pipe = self._means.redis.pipeline(transaction=True)
                pipe.multi()  # it is never executed: it only says what redis-py and RQ would send
            before = len(pipe)
            one(pipe)
            found += [(*name.split(), *rest) for (name, *rest), _ in pipe.command_stack[before:]]
        return found

    def _belongings(self) -> Iterator[Command]:
        for caller_key, names in self._belonging.items():
            name = keys.held(caller_key)
            if names:
                yield ("SADD", name, *sorted(names))
            yield ("EXPIRE", name, seconds(self.retention.caller + OUTLIVES))


def text(raw: Any) -> str:
    """A plain word as Redis gives it."""
    return raw.decode() if isinstance(raw, bytes) else str(raw)
