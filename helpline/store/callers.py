"""What a transaction reads and writes of a caller: conversation, record, opt-out, contact, and the answers given."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from flows.ledger import Contact
from flows.plain import from_plain, to_plain
from flows.session import Session
from helpline.store import keys
from helpline.store.caller_record import CallerRecord
from helpline.store.change import milliseconds, seconds
from helpline.store.counts import Counts


class Callers(Counts):
    """Records of one caller."""

    def session(self, session_id: str) -> Session | None:
        (data,) = self.read(keys.session(session_id))
        return None if data is None else Session.from_json(data)

    def put_session(self, session: Session, ttl: timedelta | None = None) -> None:
        """Keep a conversation, and the content it began with for at least as long."""
        kept = ttl or self.retention.session
        self.put(keys.session(session.id), session.to_json(), kept)
        self.belongs(session.caller_key, keys.session(session.id))
        self.send("EXPIRE", keys.content(session.content), seconds(kept), "GT")

    def put_content(self, version: str, files: Mapping[str, str]) -> None:
        """Keep the files of a content under their version for as long as a conversation may need them."""
        self.put(keys.content(version), dict(files), self.retention.session)

    def caller(self, caller_key: str) -> CallerRecord | None:
        data, since = self.read(keys.caller(caller_key), keys.no_texts(caller_key))
        return None if data is None else replace(CallerRecord.from_json(data), opted_out=since is not None)

    def put_caller(self, caller: CallerRecord) -> None:
        self.put(keys.caller(caller.key), caller.to_json(), self.retention.caller)

    def opted_out(self, caller_key: str) -> bool:
        """Whether the caller wants no texts; known for good, also of a caller of whom nothing else is kept."""
        (since,) = self.read(keys.no_texts(caller_key))
        return since is not None

    def put_opted_out(self, caller_key: str, now: datetime, *, out: bool) -> None:
        """No more texts to this caller, or texts again."""
        if out:
            self.put(keys.no_texts(caller_key), now.isoformat(), None)
        else:
            self.delete(keys.no_texts(caller_key))

    def remember_reply(self, event_key: str, reply: str) -> None:
        """Keep the answer to an event, so that the same event again gets the same answer and nothing else."""
        self.put(keys.reply(event_key), reply, self.retention.reply)

    def reply_to(self, event_key: str) -> str | None:
        (reply,) = self.read(keys.reply(event_key))
        return None if reply is None else str(reply)

    def contact(self, session_id: str) -> Contact | None:
        """The open contact of this conversation, if there is one."""
        (data,) = self.read(keys.contact(session_id))
        return None if data is None else from_plain(Contact, data)

    def put_contact(self, contact: Contact) -> None:
        """Keep a contact's line: open under its conversation, ended under its own id."""
        plain = to_plain(contact)
        if contact.open:
            self.put(keys.contact(contact.session_id), plain, self.retention.contact)
            due = milliseconds(contact.due_at or contact.last_at)
            self.send("ZADD", keys.CONTACTS_OPEN, due, contact.session_id)
            self.belongs(contact.caller_key, keys.contact(contact.session_id))
            return
        self.belongs(contact.caller_key, keys.ended_contact(contact.id))
        self.put(keys.ended_contact(contact.id), plain, self.retention.contact)
        self.count(contact.ended_at or contact.last_at, f"ended.{contact.ending}")
        self.delete(keys.contact(contact.session_id))
        self.send("ZREM", keys.CONTACTS_OPEN, contact.session_id)
        self.send("ZADD", keys.CONTACTS_ENDED, milliseconds(contact.ended_at or contact.last_at), contact.id)
