"""What the daily sweep finds and mends in Redis: words past their time, and records that would never expire."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from redis import Redis, WatchError

from flows.case import Line, LineKind
from flows.plain import from_plain, to_plain
from helpline.privacy.vault import Vault
from helpline.store import keys
from helpline.store.retention import Retention

TEXT = "text"
EXPIRED = {"expired": "text"}
BATCH = 500
MUST_EXPIRE = ("session:", "reply:", "caller:", "letter:", "contact:", "contact-ended:", "words:", "erase:", "gate:")
"""Personal, open case or not. A case, its code and its timeline expire from its closing on."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did, in numbers: the proof that it was done."""

    texts_expired: int = 0
    names_pruned: int = 0
    without_expiry: int = 0


@dataclass(frozen=True, slots=True)
class Expiry:
    """Sweeps one Redis."""

    redis: Redis
    vault: Vault
    retention: Retention

    def sweep(self, now: datetime) -> Swept:
        """Take out every word of a caller's older than free text is kept, except where a legal hold stands."""
        held = self._held_by_law()
        timelines = (name for name in self._names(keys.timeline("*")) if name not in held)
        return Swept(
            texts_expired=sum(self._expire_texts(name, now) for name in timelines),
            names_pruned=sum(map(self._prune, self._names(keys.held("*")))),
            without_expiry=self._give_expiry(held),
        )

    def _names(self, pattern: str) -> Iterator[str]:
        """One after the other: a national line has millions."""
        return (raw.decode() for raw in self.redis.scan_iter(match=pattern, count=BATCH))

    def _held_by_law(self) -> frozenset[str]:
        found: set[str] = set()
        for name in self._names(keys.hold("*")):
            caller_key = name.removeprefix(keys.hold(""))
            members: Any = self.redis.smembers(keys.held(caller_key))
            found |= {raw.decode() for raw in members} | {keys.caller(caller_key), keys.held(caller_key)}
        for name in found:
            self.redis.persist(name)
        return frozenset(found)

    def _expire_texts(self, name: str, now: datetime) -> int:
        """A timeline only grows at its end, so a place in it stays the place of the same line."""
        rows: Any = self.redis.lrange(name, 0, -1)
        expired = 0
        for place, row in enumerate(rows):
            line: Line = from_plain(Line, self.vault.open(row))
            if line.what is LineKind.NOTE and TEXT in line.detail and now - line.at > self.retention.free_text:
                without = Line(line.at, line.what, line.who, EXPIRED)
                self.redis.execute_command("LSET", name, place, self.vault.seal(to_plain(without)))  # type: ignore[no-untyped-call]
                expired += 1
        return expired

    def _prune(self, name: str) -> int:
        """Take names out of a list whose records are gone; left for tomorrow where the list changes meanwhile."""
        with self.redis.pipeline(transaction=True) as pipe:
            pipe.watch(name)  # type: ignore[no-untyped-call]
            members: Any = pipe.smembers(name)
            gone = [raw for raw in members if not pipe.exists(raw)]
            if not gone:
                return 0
            pipe.multi()
            pipe.srem(name, *gone)
            with suppress(WatchError):
                return int(pipe.execute()[0])
        return 0

    def _give_expiry(self, held: frozenset[str]) -> int:
        """Records without an expiry are a mistake; they get one, and the audit line says that there were some."""
        given = 0
        for name in self._without_expiry():
            if name not in held:
                given += bool(self.redis.expire(name, self.retention.caller))
        return given

    def _without_expiry(self) -> Iterator[str]:
        for begin in MUST_EXPIRE:
            names = self._names(f"{begin}*")
            while some := tuple(islice(names, BATCH)):
                with self.redis.pipeline(transaction=False) as pipe:
                    for name in some:
                        pipe.ttl(name)
                    yield from (name for name, ttl in zip(some, pipe.execute(), strict=True) if ttl == -1)
