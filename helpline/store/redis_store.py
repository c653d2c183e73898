"""Runs decisions as transactions, and answers the questions that need none."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from redis import Redis, RedisError, WatchError

from flows.case import Case, Line
from flows.ledger import Contact
from flows.plain import from_plain
from flows.roster import Override, StaffId
from helpline.outbox import Bell, Outbox, QueueName
from helpline.privacy.vault import Vault
from helpline.store import keys
from helpline.store.caller_record import CallerRecord
from helpline.store.metrics import TURN_S, observed
from helpline.store.retention import Retention
from helpline.store.transaction import Transaction, milliseconds

T = TypeVar("T")

TRIES = 60  # of one decision; 8 writers on one key need about 8
MOST_KNOWN = 2_000  # cases this process keeps opened, by their sealed record
PAUSE_S = 0.004  # before trying again, times a random number, so that contenders do not march in step


class Beat(StrEnum):
    """The processes that say they are alive."""

    CLOCK = "clock"
    URGENT = "worker-urgent"
    DEFAULT = "worker-default"

    @classmethod
    def of_worker(cls, queue: str) -> "Beat":
        """The beat of the worker on this queue."""
        return cls(f"worker-{queue}")


@dataclass(frozen=True, slots=True)
class Gate:
    """So many may pass within this time."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class LiveRoster:
    """Swaps and absences, staff who get calls only, and the keys of staff numbers that were verified."""

    overrides: tuple[Override, ...] = ()
    calls_only: frozenset[StaffId] = frozenset()
    verified: frozenset[str] = frozenset()


class Conflict(Exception):
    """A decision lost to others on the same record as often as it may; nothing was written."""


class Unavailable(Exception):
    """Redis did not answer, refused writes, or is full; nothing may be taken as done."""


class RedisStore:
    """The line's memory."""

    def __init__(self, redis: Redis, vault: Vault, outbox: Outbox, retention: Retention) -> None:
        self._redis = redis
        self.vault = vault
        self._outbox = outbox
        self.retention = retention
        self._cases: dict[bytes | str, Case] = {}

    def transact(self, decide: Callable[[Transaction], T]) -> T:
        """Run `decide` until its reads and writes happen as one; gives what it returned.

        `decide` may run several times, so it must do nothing but read and write through the transaction.

        Raises:
            Conflict: others kept changing what it read.
            Unavailable: Redis did not take it.

        """
        for _ in range(TRIES):
            try:
                with self._redis.pipeline(transaction=True) as pipe:
                    transaction = Transaction(pipe, self.vault, self._outbox, self.retention)
                    result = decide(transaction)
                    transaction.commit()
                    return result
            except WatchError:
                time.sleep(PAUSE_S * random.random())
            except RedisError as fault:
                raise Unavailable(f"Redis: {type(fault).__name__}") from fault
        raise Conflict(f"a record changed {TRIES} times while it was being decided on")

    # -- the due index ------------------------------------------------------------------------------------------

    def due(self, now: datetime, limit: int = 500) -> tuple[str, ...]:
        """Members of the due index whose time has come, longest due first."""
        raw = self._call(lambda: self._redis.zrangebyscore(keys.DUE, 0, milliseconds(now), start=0, num=limit))
        return tuple(_text(member) for member in raw)

    def oldest_due(self) -> datetime | None:
        """When the first row falls due; in the past if the clock is late."""
        rows = self._call(lambda: self._redis.zrange(keys.DUE, 0, 0, withscores=True))
        return None if not rows else datetime.fromtimestamp(float(rows[0][1]) / 1000).astimezone()

    def rung_since(self, members: Sequence[str], now: datetime) -> tuple[timedelta | None, ...]:
        """How long ago the doorbell of each due member was rung; None and it counts as rung now. One round trip."""
        if not members:
            return ()

        def note() -> list[float | None]:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.zmscore(keys.RUNG, list(members))
                pipe.zadd(keys.RUNG, dict.fromkeys(members, milliseconds(now)), nx=True)
                scores: list[float | None] = pipe.execute()[0]
                return scores

        since = milliseconds(now)
        return tuple(None if at is None else timedelta(milliseconds=since - at) for at in self._call(note))

    def ring(self, *bells: Bell) -> None:
        """Ring workers for something that is already written."""
        if not bells:
            return

        def push() -> None:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.multi()
                for bell in bells:
                    self._outbox.push(pipe, bell)
                pipe.execute()

        self._call(push)

    def drop_due(self, member: str) -> None:
        """Take a member out of the due index: what it stood for is gone."""
        self._call(lambda: (self._redis.zrem(keys.DUE, member), self._redis.zrem(keys.RUNG, member)))

    def waiting_in(self, name: str, now: datetime, limit: int = 50) -> tuple[str, ...]:
        """Members of a sorted set of times whose time has come, longest waiting first."""
        raw = self._call(lambda: self._redis.zrangebyscore(name, 0, milliseconds(now), start=0, num=limit))
        return tuple(_text(member) for member in raw)

    # -- cases, for those who only look -------------------------------------------------------------------------

    def open_cases(self, limit: int = 1000) -> tuple[Case, ...]:
        """Open cases, oldest first."""
        ids = [_text(raw) for raw in self._call(lambda: self._redis.zrange(keys.OPEN, 0, limit - 1))]
        if not ids:
            return ()
        rows = self._call(lambda: self._redis.mget([keys.case(case_id) for case_id in ids]))
        return tuple(self._opened(row) for row in rows if row is not None)

    def _opened(self, row: bytes | str) -> Case:
        """The case of a sealed record; the same record is opened once, so that a board of hundreds is quick."""
        known = self._cases.get(row)
        if known is None:
            known = Case.from_json(self.vault.open(row))
            if len(self._cases) >= MOST_KNOWN:
                self._cases.clear()
            self._cases[row] = known
        return known

    def case(self, case_id: str) -> Case | None:
        raw = self._call(lambda: self._redis.get(keys.case(case_id)))
        return None if raw is None else Case.from_json(self.vault.open(raw))

    def busy_staff(self, but: str) -> frozenset[StaffId]:
        """Staff who are talking to a caller of any case but this one."""
        rows = self._call(lambda: self._redis.hgetall(keys.BRIDGED))
        return frozenset(StaffId(_text(who)) for case_id, who in rows.items() if _text(case_id) != but)

    def caller(self, caller_key: str) -> CallerRecord | None:
        raw, since = self._call(lambda: self._redis.mget([keys.caller(caller_key), keys.no_texts(caller_key)]))
        return None if raw is None else replace(CallerRecord.from_json(self.vault.open(raw)), opted_out=bool(since))

    def content(self, version: str) -> Mapping[str, str] | None:
        """The files of a content some conversation began with, or None where they are kept no more."""
        raw = self._call(lambda: self._redis.get(keys.content(version)))
        return None if raw is None else dict(self.vault.open(raw))

    def opted_out(self, caller_key: str) -> bool:
        """Whether this caller wants no texts."""
        return bool(self._call(lambda: self._redis.exists(keys.no_texts(caller_key))))

    def live_roster(self) -> LiveRoster:
        """What changes who can be paged since the roster file was written."""

        def ask() -> tuple[list[bytes], set[bytes], set[bytes]]:
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.hvals(keys.OVERRIDES)
                pipe.smembers(keys.CALLS_ONLY)
                pipe.smembers(keys.VERIFIED)
                rows, calls_only, verified = pipe.execute()
                return rows, calls_only, verified

        rows, calls_only, verified = self._call(ask)
        return LiveRoster(
            tuple(Override.from_json(self.vault.open(row)) for row in rows),
            frozenset(StaffId(_text(raw)) for raw in calls_only),
            frozenset(_text(raw) for raw in verified),
        )

    def waits(self, level: str) -> tuple[float, ...]:
        """How long the last callers of a level waited for a human, in seconds."""
        return tuple(float(raw) for raw in self._call(lambda: self._redis.lrange(keys.waits(level), 0, -1)))

    def place_on_hold(self, case_id: str) -> int:
        """Which place in line a caller on hold has; the first also for somebody who is not in line."""
        before = self._call(lambda: self._redis.zrank(keys.HOLDING, case_id))
        return int(before) + 1 if isinstance(before, int) else 1

    def voicemails(self, case_id: str) -> tuple[str, ...]:
        """The spoken messages of a case, oldest first."""
        rows = self._call(lambda: self._redis.lrange(keys.voicemails_of(case_id), 0, -1))
        return tuple(_text(row) for row in rows)

    def voicemail(self, recording: str) -> bytes | None:
        """A spoken message."""
        raw = self._call(lambda: self._redis.get(keys.voicemail(recording)))
        return None if raw is None else self.vault.open_bytes(raw)

    def is_due(self, member: str) -> bool:
        """Whether a member is in the due index, whenever its time is."""
        return self._call(lambda: self._redis.zscore(keys.DUE, member)) is not None

    def timeline(self, case_id: str) -> tuple[Line, ...]:
        """Everything that happened to a case, oldest first."""
        rows = self._call(lambda: self._redis.lrange(keys.timeline(case_id), 0, -1))
        return tuple(from_plain(Line, self.vault.open(row)) for row in rows)

    def cases_of_staff(self, staff_id: str) -> tuple[Case, ...]:
        """Open cases this staff member was paged for or has, in no order; only to look at."""
        ids = [_text(raw) for raw in self._call(lambda: self._redis.smembers(keys.staff_cases(staff_id)))]
        rows = self._call(lambda: self._redis.mget([keys.case(case_id) for case_id in ids])) if ids else []
        return tuple(Case.from_json(self.vault.open(row)) for row in rows if row is not None)

    # -- one phone has one mouth and one ear: how much it gets at a time --------------------------------------------

    def enter_gate(self, name: str, who: str, now: datetime, gate: Gate) -> datetime | None:
        """Let `who` through a gate, or say until when it is to wait. Whoever came through last may do so again."""

        def decide(tx: Transaction) -> datetime | None:
            (kept,) = tx.read(keys.gate(name))
            until = None if kept is None else datetime.fromisoformat(kept["until"])
            if kept is None or until is None or until <= now or kept["who"] == who:
                kept, until = {"passed": 0}, now + gate.within
            elif kept["passed"] >= gate.most:
                return until
            passed = {"who": who, "passed": kept["passed"] + 1, "until": until.isoformat()}
            tx.keep(keys.gate(name), passed, self.retention.reply)
            return None

        return self.transact(decide)

    def keep_gate(self, name: str, who: str, until: datetime) -> None:
        """Hold a gate shut for everybody but `who`."""
        held = {"who": who, "passed": 1, "until": until.isoformat()}
        self.transact(lambda tx: tx.keep(keys.gate(name), held, self.retention.reply))

    def leave_gate(self, name: str, who: str) -> None:
        """Open a gate that `who` holds."""

        def decide(tx: Transaction) -> None:
            (kept,) = tx.read(keys.gate(name))
            if kept is not None and kept["who"] == who:
                tx.delete(keys.gate(name))

        self.transact(decide)

    def remember_fold(self, token: str, pages: tuple[str, ...]) -> None:
        """Which pages one text carries, for its callbacks; kept before it is sent."""
        self.transact(lambda tx: tx.keep(keys.fold(token), list(pages), self.retention.reply))

    def folded(self, token: str) -> tuple[str, ...]:
        """The pages one text carries; none if nothing is known of it."""
        raw = self._call(lambda: self._redis.get(keys.fold(token)))
        return () if raw is None else tuple(self.vault.open(raw))

    # -- the ledger ---------------------------------------------------------------------------------------------

    def open_contacts(self, limit: int = 10_000) -> tuple[tuple[str, Contact | None], ...]:
        """Conversations with an open contact, soonest due first; None where the line of one is gone."""
        ids = [_text(raw) for raw in self._call(lambda: self._redis.zrange(keys.CONTACTS_OPEN, 0, limit - 1))]
        return tuple(zip(ids, self._contacts([keys.contact(session_id) for session_id in ids]), strict=True))

    def ended_contacts(self, since: datetime) -> tuple[Contact, ...]:
        """Contacts that ended since then, oldest ending first."""
        raw = self._call(lambda: self._redis.zrangebyscore(keys.CONTACTS_ENDED, milliseconds(since), "+inf"))
        found = self._contacts([keys.ended_contact(_text(contact_id)) for contact_id in raw])
        return tuple(contact for contact in found if contact is not None)

    def ended_contact(self, contact_id: str) -> Contact | None:
        return self._contacts([keys.ended_contact(contact_id)])[0]

    def forget_ended_contacts(self, before: datetime) -> None:
        """Take contacts out of the list whose lines are past their retention."""
        self._call(lambda: self._redis.zremrangebyscore(keys.CONTACTS_ENDED, 0, milliseconds(before)))

    def _contacts(self, names: list[str]) -> tuple[Contact | None, ...]:
        rows = self._call(lambda: self._redis.mget(names)) if names else []
        return tuple(None if row is None else from_plain(Contact, self.vault.open(row)) for row in rows)

    # -- for Prometheus -----------------------------------------------------------------------------------------

    def metrics(self) -> dict[str, float]:
        """Every count."""
        rows = self._call(lambda: self._redis.hgetall(keys.METRICS))
        return {_text(field): float(value) for field, value in rows.items()}

    def observe_turn(self, channel: str, took: timedelta) -> None:
        """Count how long a turn took."""

        def write() -> None:
            with self._redis.pipeline(transaction=False) as pipe:
                for field, by in observed(f"turn_seconds|{channel}", took, TURN_S):
                    pipe.hincrbyfloat(keys.METRICS, field, by)
                pipe.execute()

        self._call(write)

    def queue_length(self, queue: QueueName) -> int:
        """Doorbells in a queue."""
        return self._call(lambda: self._outbox.length(queue))

    # -- the comparison with Twilio's lists ---------------------------------------------------------------------

    def seen(self, sids: Sequence[str]) -> frozenset[str]:
        """Which of these texts and calls were taken: since the checkpoint, or in the time that answers are kept."""

        def look() -> list[Any]:
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.zmscore(keys.SEEN, list(sids))
                pipe.mget([keys.reply(sid) for sid in sids])
                return pipe.execute()

        scores, replies = self._call(look) if sids else ((), ())
        taken = zip(sids, scores, replies, strict=True)
        return frozenset(sid for sid, score, reply in taken if score is not None or reply is not None)

    def checkpoint(self) -> str | None:
        """Until when Twilio's lists were compared, as it was written down."""
        raw = self._call(lambda: self._redis.get(keys.CHECKPOINT))
        return None if raw is None else _text(raw)

    def put_checkpoint(self, until: datetime, overlap: timedelta) -> None:
        """Everything until then is compared; what was taken before that, and an overlap, need not be remembered."""

        def write() -> None:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(keys.CHECKPOINT, until.isoformat())
                pipe.zremrangebyscore(keys.SEEN, 0, milliseconds(until - overlap))
                pipe.execute()

        self._call(write)

    def wake(self, member: str, at: datetime, *, sooner: bool = False) -> None:
        """Put a row into the due index; with `sooner`, only if it is not there for an earlier time."""

        def write() -> None:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.zadd(keys.DUE, {member: milliseconds(at)}, lt=sooner)
                pipe.zrem(keys.RUNG, member)
                pipe.execute()

        self._call(write)

    # -- heartbeats ---------------------------------------------------------------------------------------------

    def beat(self, kind: str, now: datetime, ttl: timedelta) -> None:
        """Say that a process of this kind is alive."""
        self._call(lambda: self._redis.set(keys.heartbeat(kind), now.isoformat(), ex=ttl))

    def last_beat(self, kind: str) -> datetime | None:
        raw = self._call(lambda: self._redis.get(keys.heartbeat(kind)))
        return None if raw is None else datetime.fromisoformat(_text(raw))

    def close(self) -> None:
        """Give the connections back; nothing more is asked."""
        self._redis.close()

    def ping(self) -> None:
        """Raise `Unavailable` unless Redis answers."""
        self._call(self._redis.ping)

    def ask(self, question: Callable[[Redis], T]) -> T:
        """What the server answers to a question of the store's other modules.

        Raises:
            Unavailable: it does not answer.

        """
        return self._call(lambda: question(self._redis))

    def _call(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except RedisError as fault:
            raise Unavailable(f"Redis: {type(fault).__name__}") from fault


def _text(raw: object) -> str:
    return raw.decode() if isinstance(raw, bytes) else str(raw)
