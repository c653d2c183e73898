"""The ledger, the comparison with Twilio's lists, and the counts, for those who only look."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flows.ledger import Contact
from flows.plain import from_plain
from flows.session import Session
from helpline.store import keys
from helpline.store.change import milliseconds, text
from helpline.store.desk import Desk
from helpline.store.looks import Looks

AT_ONCE = 500  # records asked for in one go


class Books(Looks):
    """What adds up over many callers."""

    def open_contacts(self, limit: int = 10_000) -> tuple[tuple[str, Contact | None], ...]:
        """Conversations with an open contact, soonest due first; None where the line of one is gone."""
        ids = [text(raw) for raw in self._call(lambda: self._redis.zrange(keys.CONTACTS_OPEN, 0, limit - 1))]
        return tuple(zip(ids, self._open([keys.contact(session_id) for session_id in ids]), strict=True))

    def open_sessions(self) -> Iterator[Session]:
        """Conversations with an open contact, some at a time; those that are gone are left out."""
        ids = [text(raw) for raw in self._call(lambda: self._redis.zrange(keys.CONTACTS_OPEN, 0, -1))]
        for first in range(0, len(ids), AT_ONCE):
            names = [keys.session(one) for one in ids[first : first + AT_ONCE]]
            rows = self._call(lambda names=names: self._redis.mget(names))  # type: ignore[misc]
            yield from (Session.from_json(self.vault.open(row)) for row in rows if row is not None)

    def ended_contacts(self, since: datetime) -> tuple[Contact, ...]:
        """Contacts that ended since then, oldest ending first."""
        raw = self._call(lambda: self._redis.zrangebyscore(keys.CONTACTS_ENDED, milliseconds(since), "+inf"))
        found = self._contacts([keys.ended_contact(text(contact_id)) for contact_id in raw])
        return tuple(contact for contact in found if contact is not None)

    def ended_contact(self, contact_id: str) -> Contact | None:
        return self._contacts([keys.ended_contact(contact_id)])[0]

    def contacts_of(self, caller_key: str) -> tuple[Contact, ...]:
        """This caller's contacts that are still kept, newest first."""
        held = {text(raw) for raw in self._call(lambda: self._redis.smembers(keys.held(caller_key)))}
        still_open = self._open([name for name in held if name.startswith(keys.contact(""))])
        ended = self._contacts([name for name in held if name.startswith(keys.ended_contact(""))])
        return tuple(sorted(filter(None, (*still_open, *ended)), key=lambda one: one.began_at, reverse=True))

    def forget_ended_contacts(self, before: datetime) -> None:
        """Take contacts out of the list whose lines are past their retention."""
        self._call(lambda: self._redis.zremrangebyscore(keys.CONTACTS_ENDED, 0, milliseconds(before)))

    def _open(self, names: list[str]) -> tuple[Contact | None, ...]:
        rows = self._call(lambda: self._redis.mget(names)) if names else []
        return tuple(None if row is None else Desk.from_json(self.vault.open(row)).contact for row in rows)

    def _contacts(self, names: list[str]) -> tuple[Contact | None, ...]:
        rows = self._call(lambda: self._redis.mget(names)) if names else []
        return tuple(None if row is None else from_plain(Contact, self.vault.open(row)) for row in rows)

    def metrics(self) -> dict[str, float]:
        """Every count."""
        rows = self._call(lambda: self._redis.hgetall(keys.METRICS))
        return {text(field): float(value) for field, value in rows.items()}

    def raise_metrics(self, raised: Mapping[str, float]) -> None:
        """Raise counts by so much each."""

        def write() -> None:
            with self._redis.pipeline(transaction=False) as pipe:
                for field, by in raised.items():
                    pipe.hincrbyfloat(keys.METRICS, field, by)
                pipe.execute()

        self._call(write)

    def seen(self, sids: Sequence[str]) -> frozenset[str]:
        """Which of these texts and calls were taken: since the checkpoint, or in the time that answers are kept."""
        scores: Any = self._call(lambda: self._redis.zmscore(keys.SEEN, list(sids))) if sids else ()
        return frozenset(sid for sid, score in zip(sids, scores, strict=True) if score is not None)

    def checkpoint(self) -> str | None:
        """Until when Twilio's lists were compared, as it was written down."""
        raw = self._call(lambda: self._redis.get(keys.CHECKPOINT))
        return None if raw is None else text(raw)

    def put_checkpoint(self, until: datetime, overlap: timedelta) -> None:
        """Everything until then is compared; what was taken is remembered for an overlap, and as long as answers."""
        since = until - max(overlap, self.retention.reply)

        def write() -> None:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(keys.CHECKPOINT, until.isoformat())
                pipe.zremrangebyscore(keys.SEEN, 0, milliseconds(since))
                pipe.execute()

        self._call(write)
