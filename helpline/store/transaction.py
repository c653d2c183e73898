"""One all-or-nothing change: reads watch their keys, writes wait for the commit, doorbells ride along."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from redis.client import Pipeline

from flows.case import Case, Line, LineKind
from flows.holding import rank
from flows.ledger import Contact
from flows.plain import from_plain, to_plain
from flows.roster import Override
from flows.session import Session
from helpline.outbox import Bell, Job, Outbox
from helpline.privacy.vault import Vault
from helpline.store import keys, measures, metrics
from helpline.store.caller_record import CallerRecord
from helpline.store.letter import KEPT_AFTER, LONGEST, Letter
from helpline.store.retention import Retention
from helpline.store.spoken import Spoken

AUDIT_LENGTH = 1_000_000  # lines; an approximate cap so that a runaway writer cannot fill the memory

WAITS_KEPT = 200
UNWANTED_FOR = timedelta(days=1)  # far longer than any fetch takes
RANK_STEP = 1e13  # more milliseconds than will pass by the year 2286, and eight of them are still exact as a float

Write = Callable[[Pipeline], object]


def milliseconds(moment: datetime) -> float:
    """A due-index score."""
    return moment.timestamp() * 1000


class Transaction:
    """Reads see the present; writes happen together at the commit, or not at all.

    A key read here and changed by anyone before the commit makes the commit fail, and the store runs the whole
    decision again; so a decision must be a pure function of what it reads here and of its arguments.
    """

    def __init__(self, pipe: Pipeline, vault: Vault, outbox: Outbox, retention: Retention) -> None:
        self._pipe = pipe
        self._vault = vault
        self._outbox = outbox
        self.retention = retention
        self._writes: list[Write] = []
        self._bells: list[Bell] = []
        self._loaded: dict[str, Any] = {}
        self._last: list[Write] = []
        self._belonging: dict[str, set[str]] = {}

    # -- reading ------------------------------------------------------------------------------------------------

    def load(self, *names: str) -> None:
        """Fetch these keys in one round trip, so that reading them costs none: a turn names all it will read."""
        self._pipe.watch(*names)  # type: ignore[no-untyped-call]
        self._loaded.update(zip(names, self._pipe.mget(names), strict=True))

    def read(self, *names: str) -> list[Any]:
        """The opened values of these keys (None where there is none), watched until the commit."""
        missing = [name for name in names if name not in self._loaded]
        if missing:
            self.load(*missing)
        return [None if raw is None else self._vault.open(_bytes(raw)) for raw in map(self._loaded.get, names)]

    def session(self, session_id: str) -> Session | None:
        (data,) = self.read(keys.session(session_id))
        return None if data is None else Session.from_json(data)

    def caller(self, caller_key: str) -> CallerRecord | None:
        data, since = self.read(keys.caller(caller_key), keys.no_texts(caller_key))
        return None if data is None else replace(CallerRecord.from_json(data), opted_out=since is not None)

    def opted_out(self, caller_key: str) -> bool:
        """Whether the caller wants no texts; known for good, also of a caller of whom nothing else is kept."""
        (since,) = self.read(keys.no_texts(caller_key))
        return since is not None

    def case(self, case_id: str) -> Case | None:
        (data,) = self.read(keys.case(case_id))
        return None if data is None else Case.from_json(data)

    def case_of(self, caller_key: str) -> Case | None:
        """The open case of this caller, if there is one."""
        (case_id,) = self.read(keys.case_of(caller_key))
        return None if case_id is None else self.case(case_id)

    def contact(self, session_id: str) -> Contact | None:
        """The open contact of this conversation, if there is one."""
        (data,) = self.read(keys.contact(session_id))
        return None if data is None else from_plain(Contact, data)

    def case_by_code(self, code: str) -> Case | None:
        (case_id,) = self.read(keys.code(code))
        return None if case_id is None else self.case(case_id)

    def cases_of_staff(self, staff_id: str) -> tuple[Case, ...]:
        """Open cases this staff member was paged for or has, oldest first."""
        name = keys.staff_cases(staff_id)
        self._pipe.watch(name)  # type: ignore[no-untyped-call]
        ids = sorted(_text(raw) for raw in self._pipe.smembers(name))
        found = [self.case(case_id) for case_id in ids]
        return tuple(sorted((case for case in found if case), key=lambda case: case.opened_at))

    def letter(self, letter_id: str) -> Letter | None:
        (data,) = self.read(keys.letter(letter_id))
        return None if data is None else Letter.from_json(data)

    def next_code_number(self) -> int:
        """A number no case ever had; drawn at once, so a decision that is run again leaves a gap, which is harmless."""
        return int(self._pipe.incr(keys.CODES))

    # -- writing ------------------------------------------------------------------------------------------------

    def put_session(self, session: Session, ttl: timedelta | None = None) -> None:
        """Keep a conversation, and the content it began with for at least as long."""
        kept = ttl or self.retention.session
        self._put(keys.session(session.id), session.to_json(), kept)
        self.belongs(session.caller_key, keys.session(session.id))
        self._writes.append(lambda pipe: pipe.expire(keys.content(session.content), kept, gt=True))

    def put_content(self, version: str, files: Mapping[str, str]) -> None:
        """Keep the files of a content under their version for as long as a conversation may need them."""
        self._put(keys.content(version), dict(files), self.retention.session)

    def put_caller(self, caller: CallerRecord) -> None:
        self._put(keys.caller(caller.key), caller.to_json(), self.retention.caller)

    def put_opted_out(self, caller_key: str, now: datetime, *, out: bool) -> None:
        """No more texts to this caller, or texts again."""
        if out:
            self._put(keys.no_texts(caller_key), now.isoformat(), None)
        else:
            self.delete(keys.no_texts(caller_key))

    def put_case(self, case: Case, lines: Sequence[Line], wake_at: datetime | None) -> None:
        """Keep the case, its timeline and its place in the due index.

        `wake_at` is None only for a closed case with nothing left to tell.
        """
        member = keys.case_member(case.id)
        ttl = None if not case.closed else self.retention.closed_case
        self._put(keys.case(case.id), case.to_json(), ttl)
        self.belongs(case.caller_key, keys.case(case.id), keys.timeline(case.id), keys.words(case.id))
        self.belongs(case.caller_key, keys.code(case.code), keys.cases_of(case.caller_key))
        self._writes.append(lambda pipe: pipe.zrem(keys.RUNG, member))
        self._writes.append(lambda pipe: pipe.incr(keys.BOARD))
        self._measure(case, lines)
        for field, by in metrics.of_case(case, lines):
            self.raise_metric(field, by)
        if any(line.what is LineKind.CLOSED for line in lines):
            count = f"{case.urgency.word}:{case.outcome or ''}"
            self._writes.append(lambda pipe: pipe.hincrby(keys.outcomes(f"{case.closed_at:%Y-%m}"), count, 1))
        if lines:
            sealed = [self._vault.seal(to_plain(line)) for line in lines]
            self._writes.append(lambda pipe: pipe.rpush(keys.timeline(case.id), *sealed))
        if wake_at is None:
            self.forget_timer(member)
        else:
            self.wake(member, wake_at)
        self._index_closed(case) if case.closed else self._index_open(case)

    def _index_open(self, case: Case) -> None:
        def write(pipe: Pipeline) -> None:
            if not case.synthetic:
                pipe.zadd(keys.OPEN, {case.id: milliseconds(case.opened_at)})
            _note_bridge(pipe, case)
            _note_hold(pipe, case)
            pipe.set(keys.case_of(case.caller_key), self._vault.seal(case.id))
            pipe.set(keys.code(case.code), self._vault.seal(case.id))
            for staff_id in _staff_of(case):
                pipe.sadd(keys.staff_cases(staff_id), case.id)

        self._writes.append(write)

    def _index_closed(self, case: Case) -> None:
        def write(pipe: Pipeline) -> None:
            pipe.zrem(keys.OPEN, case.id)
            pipe.hdel(keys.BRIDGED, case.id)
            pipe.zrem(keys.HOLDING, case.id)
            pipe.delete(keys.case_of(case.caller_key))
            pipe.expire(keys.code(case.code), self.retention.closed_case)
            pipe.expire(keys.timeline(case.id), self.retention.closed_case)
            pipe.sadd(keys.cases_of(case.caller_key), case.id)
            pipe.expire(keys.cases_of(case.caller_key), self.retention.closed_case)
            for staff_id in _staff_of(case):
                pipe.srem(keys.staff_cases(staff_id), case.id)

        self._writes.append(write)

    def remember_reply(self, event_key: str, reply: str) -> None:
        """Keep the answer to an event, so that the same event again gets the same answer and nothing else."""
        self._put(keys.reply(event_key), reply, self.retention.reply)

    def reply_to(self, event_key: str) -> str | None:
        (reply,) = self.read(keys.reply(event_key))
        return None if reply is None else str(reply)

    def post_letter(self, letter: Letter, now: datetime) -> None:
        """Have a text or call made as soon as this is committed; it is in the due index until it is done."""
        self.put_letter(letter, now)
        self.ring(Bell(Job.POST, (letter.id,)))

    def put_letter(self, letter: Letter, look_at: datetime) -> None:
        """Keep a letter and when it must be looked at again."""
        self.keep_letter(letter, look_at)
        self._writes.append(lambda pipe: pipe.zrem(keys.RUNG, keys.letter_member(letter.id)))
        self.wake(keys.letter_member(letter.id), look_at)

    def keep_letter(self, letter: Letter, now: datetime) -> None:
        """Keep a letter that nothing more is to be done about but to be read."""
        ttl = max(letter.until - now, timedelta(0)) + KEPT_AFTER
        self._put(keys.letter(letter.id), letter.to_json(), ttl)

    def letter_of(self, *sids: str) -> dict[str, str | None]:
        """Which letter each of these texts or calls at the carrier is known to be."""
        return dict(zip(sids, self.read(*map(keys.sent, sids)), strict=True)) if sids else {}

    def put_sent(self, sid: str, letter_id: str) -> None:
        """Remember which letter this text or call at the carrier is, for as long as any letter may be looked for."""
        self._put(keys.sent(sid), letter_id, LONGEST)

    def put_contact(self, contact: Contact) -> None:
        """Keep a contact's line: open under its conversation, ended under its own id."""
        plain = to_plain(contact)
        self.belongs(contact.caller_key, keys.contact(contact.session_id), keys.ended_contact(contact.id))
        if contact.open:
            self._put(keys.contact(contact.session_id), plain, self.retention.contact)
            due = milliseconds(contact.due_at or contact.last_at)
            self._writes.append(lambda pipe: pipe.zadd(keys.CONTACTS_OPEN, {contact.session_id: due}))
            self.belongs(contact.caller_key, keys.contact(contact.session_id))
            return
        self.belongs(contact.caller_key, keys.ended_contact(contact.id))
        self._put(keys.ended_contact(contact.id), plain, self.retention.contact)
        self.count(contact.ended_at or contact.last_at, f"ended.{contact.ending}")
        at = milliseconds(contact.ended_at or contact.last_at)
        self._writes.append(lambda pipe: pipe.delete(keys.contact(contact.session_id)))
        self._writes.append(lambda pipe: pipe.zrem(keys.CONTACTS_OPEN, contact.session_id))
        self._writes.append(lambda pipe: pipe.zadd(keys.CONTACTS_ENDED, {contact.id: at}))

    def mark_told(self, about: str) -> None:
        """The supervisors have been told of this; kept long enough that it is not told again the same day."""
        self._put(keys.told(about), about, timedelta(days=2))

    def raise_metric(self, field: str, by: float = 1) -> None:
        """Count something for Prometheus."""
        self._writes.append(lambda pipe: pipe.hincrbyfloat(keys.METRICS, field, by))

    def saw(self, sid: str, at: datetime) -> None:
        """Remember that this text or call of Twilio's was taken, for the comparison with Twilio's own lists."""
        self._writes.append(lambda pipe: pipe.zadd(keys.SEEN, {sid: milliseconds(at)}))

    def note_wait(self, level: str, seconds: float) -> None:
        """Keep how long somebody waited, and nothing about whom."""
        name = keys.waits(level)
        self._writes.append(lambda pipe: pipe.lpush(name, f"{seconds:.0f}"))
        self._writes.append(lambda pipe: pipe.ltrim(name, 0, WAITS_KEPT - 1))
        self._writes.append(lambda pipe: pipe.expire(name, self.retention.waits))

    def put_voicemail(self, recording: str, case_id: str, sound: bytes) -> None:
        """Keep a spoken message of a case, sealed."""
        name, sealed = keys.voicemails_of(case_id), self._vault.seal_bytes(sound)
        ttl = self.retention.voicemail
        self._writes.append(lambda pipe: pipe.set(keys.voicemail(recording), sealed, ex=ttl))
        self._writes.append(lambda pipe: pipe.lrem(name, 0, recording))
        self._writes.append(lambda pipe: pipe.rpush(name, recording))
        self._writes.append(lambda pipe: pipe.expire(name, ttl))

    def drop_voicemail(self, recording: str, case_id: str) -> None:
        """Forget a spoken message, whether it was fetched or not yet."""
        self.forget_timer(keys.recording_member(recording, case_id))
        self.put(keys.unwanted(recording), True, UNWANTED_FOR)
        self.delete(keys.voicemail(recording))
        self._writes.append(lambda pipe: pipe.lrem(keys.voicemails_of(case_id), 0, recording))

    def wake(self, member: str, at: datetime) -> None:
        """Put a timer into the due index."""
        self._writes.append(lambda pipe: pipe.zadd(keys.DUE, {member: milliseconds(at)}))

    def forget_timer(self, member: str) -> None:
        self._writes.append(lambda pipe: pipe.zrem(keys.DUE, member))
        self._writes.append(lambda pipe: pipe.zrem(keys.RUNG, member))

    def ring(self, bell: Bell) -> None:
        """Ring a worker when the commit is done."""
        self._bells.append(bell)

    def overrides(self) -> tuple[Override, ...]:
        """Live changes to the roster, watched until the commit."""
        self._pipe.watch(keys.OVERRIDES)  # type: ignore[no-untyped-call]
        rows: Any = self._pipe.hvals(keys.OVERRIDES)
        return tuple(Override.from_json(self._vault.open(_bytes(row))) for row in rows)

    def put_override(self, override: Override) -> None:
        """Keep a live change to the roster; one with the same id is replaced."""
        sealed = self._vault.seal(override.to_json())
        self._writes.append(lambda pipe: pipe.hset(keys.OVERRIDES, override.id, sealed))

    def drop_override(self, override_id: str) -> None:
        """Take a live change back."""
        self._writes.append(lambda pipe: pipe.hdel(keys.OVERRIDES, override_id))

    def set_calls_only(self, staff_id: str, *, on: bool) -> None:
        """Note that the carrier blocks texts to this staff member (they wrote STOP), or no longer does."""
        self._writes.append(
            lambda pipe: pipe.sadd(keys.CALLS_ONLY, staff_id) if on else pipe.srem(keys.CALLS_ONLY, staff_id)
        )

    def set_verified(self, number_key: str) -> None:
        """Note that a staff number was shown to be the right one."""
        self._writes.append(lambda pipe: pipe.sadd(keys.VERIFIED, number_key))

    def keep(self, name: str, value: Any, ttl: timedelta) -> None:
        """Keep a value, sealed, for a while."""
        self._put(name, value, ttl)

    def count(self, at: datetime, *names: str) -> None:
        """One more of each, in the hour of `at`; a name never says who."""

        def write(pipe: Pipeline) -> None:
            hour = keys.counts(measures.hour_of(at))
            for name in names:
                pipe.hincrby(hour, name, 1)
            pipe.expire(hour, measures.KEPT)

        if names:
            self._writes.append(write)

    def _measure(self, case: Case, lines: Sequence[Line]) -> None:
        """What the lines count; a wait counts once in a case, with the hour in which the case opened."""
        if lines:
            self.count(lines[-1].at, *measures.counts_of(case, lines))
        hour, who = keys.counts(measures.hour_of(case.opened_at)), self._vault.keyed("measure", case.id)
        for kind, level, seconds in measures.measures_of(case, lines):
            self._writes.append(measures.once(hour, f"{kind}|{who}", f"{level}|{seconds:.0f}"))

    def stand(self, was: str, now: str, session_id: str, at: datetime | None) -> None:
        """Where in the flows a conversation was and is now; None: it has ended."""
        who = self._vault.keyed("present", session_id)

        def write(pipe: Pipeline) -> None:
            pipe.zrem(keys.PRESENT, f"{was}|{who}", f"{now}|{who}")
            if at is not None:
                pipe.zadd(keys.PRESENT, {f"{now}|{who}": milliseconds(at)})
                pipe.zremrangebyscore(keys.PRESENT, 0, milliseconds(at - measures.GONE_AFTER))

        self._writes.append(write)

    def rows_after(self, stream: str, place: str, count: int) -> list[Any]:
        """Rows of a stream after a place; not watched, for a stream only grows."""
        rows: Any = self._pipe.xrange(stream, f"({place}", "+", count=count)
        return list(rows)

    def audit(self, what: str, **ids: str) -> None:
        """One line of the audit trail: ids and words of ours only, never a number or the caller's words."""
        entry: dict[Any, Any] = {"what": what, **ids}
        self._writes.append(lambda pipe: pipe.xadd(keys.AUDIT, entry, maxlen=AUDIT_LENGTH, approximate=True))

    def put(self, name: str, value: Any, ttl: timedelta | None) -> None:
        """Keep a plain value, sealed."""
        self._put(name, value, ttl)

    def write(self, change: Write, *, last: bool = False) -> None:
        """Any other change of the store's own modules, made with the rest, or `last`, after it."""
        (self._last if last else self._writes).append(change)

    def append(self, name: str, value: Any, ttl: timedelta) -> None:
        """Put a plain value, sealed, at the end of a list; `ttl` counts from the last one."""
        sealed = self._vault.seal(value)
        self._writes.append(lambda pipe: (pipe.rpush(name, sealed), pipe.expire(name, ttl)))

    def say(self, case_id: str, spoken: Spoken) -> None:
        """Keep what was said while a case is open."""
        self.append(keys.words(case_id), spoken.to_json(), self.retention.free_text)
        self._writes.append(lambda pipe: pipe.incr(keys.BOARD))

    def delete(self, *names: str) -> None:
        self._writes.append(lambda pipe: pipe.delete(*names))

    # -- what is held about a caller (helpline/store/belongings.py) ---------------------------------------------

    def belongs(self, caller_key: str, *names: str) -> None:
        """These keys tell something about this caller: they go when the caller asks to be forgotten."""
        self._belonging.setdefault(caller_key, set()).update(names)

    def belonging(self, caller_key: str) -> frozenset[str]:
        """Every key that tells something about this caller, watched until the commit."""
        return self.members(keys.held(caller_key))

    def belonging_now(self, caller_key: str) -> frozenset[str]:
        """The keys this transaction itself adds to them."""
        return frozenset(self._belonging.get(caller_key, ()))

    def members(self, name: str) -> frozenset[str]:
        """A set of plain words, watched until the commit."""
        self._pipe.watch(name)  # type: ignore[no-untyped-call]
        return frozenset(map(_text, self._pipe.smembers(name)))

    def seal(self, value: Any) -> bytes:
        """A value as it may stand in Redis."""
        return self._vault.seal(value)

    def _note_belongings(self) -> None:
        for caller_key, names in self._belonging.items():
            name = keys.held(caller_key)
            self._pipe.sadd(name, *sorted(names))
            self._pipe.expire(name, self.retention.caller)

    def _put(self, name: str, value: Any, ttl: timedelta | None) -> None:
        sealed = self._vault.seal(value)
        self._writes.append(lambda pipe: pipe.set(name, sealed, ex=ttl))

    # -- the end ------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Do all writes and ring all bells in one MULTI/EXEC.

        Raises:
            redis.WatchError: something read here has changed meanwhile; nothing was written.

        """
        if not (self._writes or self._last or self._bells or self._belonging):
            self._pipe.unwatch()
            return
        self._pipe.multi()
        for write in self._writes:
            write(self._pipe)
        self._note_belongings()
        for write in self._last:
            write(self._pipe)
        for bell in self._bells:
            self._outbox.push(self._pipe, bell)
        self._pipe.execute()


def _note_bridge(pipe: Pipeline, case: Case) -> None:
    if case.bridge is not None and (case.bridge.staff_in or case.bridge.staff_call) and case.owner is not None:
        pipe.hset(keys.BRIDGED, case.id, case.owner)
    else:
        pipe.hdel(keys.BRIDGED, case.id)


def _note_hold(pipe: Pipeline, case: Case) -> None:
    place = rank(case)
    if place is None:
        pipe.zrem(keys.HOLDING, case.id)
    else:
        group, since = place
        pipe.zadd(keys.HOLDING, {case.id: group * RANK_STEP + milliseconds(since)})


def _staff_of(case: Case) -> frozenset[str]:
    owner = () if case.owner is None else (case.owner,)
    return frozenset((*case.tried, *owner, *(page.staff_id for page in case.pages if page.staff_id)))


def _bytes(raw: bytes | str) -> bytes:
    return raw.encode() if isinstance(raw, str) else raw


def _text(raw: Any) -> str:
    return raw.decode() if isinstance(raw, bytes) else str(raw)
