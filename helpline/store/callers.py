"""What a transaction reads and writes of a caller: conversation, record, opt-out, contact, and the answers given."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from flows.ledger import Contact
from flows.plain import to_plain
from flows.session import Session
from helpline.store import answers, keys
from helpline.store.caller_record import CallerRecord
from helpline.store.change import Means, milliseconds, seconds
from helpline.store.counts import Counts
from helpline.store.desk import Desk
from helpline.store.wire import Wire


class Callers(Counts):
    """Records of one caller."""

    def __init__(self, wire: Wire, means: Means) -> None:
        super().__init__(wire, means)
        self._desks: dict[str, Desk] = {}

    def session(self, session_id: str) -> Session | None:
        (data,) = self.read(keys.session(session_id))
        return None if data is None else Session.from_json(data)

    def put_session(self, session: Session) -> None:
        """Keep a conversation; `keep_content` keeps the content it began with for as long."""
        self.put(keys.session(session.id), session.to_json(), self.retention.session)
        self.belongs(session.caller_key, keys.session(session.id))

    def put_content(self, version: str, files: Mapping[str, str], margin: timedelta) -> None:
        """Keep the files of a content for as long as a conversation may need them that has a turn within `margin`."""
        self.put(keys.content(version), dict(files), self.retention.session + margin)

    def keep_content(self, version: str) -> None:
        """Keep a content that conversations do not begin with any more for as long as one that goes on with it."""
        self.send("EXPIRE", keys.content(version), seconds(self.retention.session), "GT")

    def caller(self, caller_key: str) -> CallerRecord | None:
        data, since = self.read(keys.caller(caller_key), keys.no_texts(caller_key))
        if data is None:
            return None
        caller = CallerRecord.from_json(data)
        return caller if since is None else replace(caller, opted_out=True)

    def put_caller(self, caller: CallerRecord) -> None:
        """Keep a caller, and the list of what else is kept about them."""
        self.put(keys.caller(caller.key), caller.to_json(), self.retention.caller)
        self.belongs(caller.key)

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

    def answer_to(self, session_id: str, event_key: str) -> str | None:
        """What this event of a conversation was answered with, if it came before."""
        found = answers.given(self._desk(session_id).answers, event_key)
        return self.reply_to(event_key) if found is None else found

    def remember_answer(self, caller_key: str, session_id: str, newest: answers.Row, whole: int) -> None:
        """Keep the answer to an event of a conversation, so that the same again gets the same and nothing else.

        Of a caller who is being forgotten it is kept under the event alone, where nothing tells whose it was.
        """
        if self.forgetting:
            event_key, _, answer = newest
            self.remember_reply(str(event_key), str(answer))
            return
        desk = self._desk(session_id)
        kept = answers.with_one_more(desk.answers, newest, whole, self.retention.reply)
        self._keep_desk(caller_key, session_id, replace(desk, answers=kept))

    def remember_reply(self, event_key: str, reply: str) -> None:
        """Keep the answer to an event of nobody's conversation, so that the same again gets the same."""
        self.put(keys.reply(event_key), reply, self.retention.reply)

    def reply_to(self, event_key: str) -> str | None:
        (reply,) = self.read(keys.reply(event_key))
        return None if reply is None else str(reply)

    def contact(self, session_id: str) -> Contact | None:
        """The open contact of this conversation, if there is one."""
        return self._desk(session_id).contact

    def put_contact(self, contact: Contact) -> None:
        """Keep a contact's line: open with its conversation's answers, ended under its own id."""
        desk = replace(self._desk(contact.session_id), contact=contact if contact.open else None)
        self._keep_desk(contact.caller_key, contact.session_id, desk)
        if contact.open:
            due = milliseconds(contact.due_at or contact.last_at)
            self.send("ZADD", keys.CONTACTS_OPEN, due, contact.session_id)
            return
        self.belongs(contact.caller_key, keys.ended_contact(contact.id))
        self.put(keys.ended_contact(contact.id), to_plain(contact), self.retention.contact)
        self.count(contact.ended_at or contact.last_at, f"ended.{contact.ending}")
        self.send("ZREM", keys.CONTACTS_OPEN, contact.session_id)
        self.send("ZADD", keys.CONTACTS_ENDED, milliseconds(contact.ended_at or contact.last_at), contact.id)

    def _desk(self, session_id: str) -> Desk:
        """What this decision has made of it so far."""
        if session_id not in self._desks:
            (data,) = self.read(keys.contact(session_id))
            self._desks[session_id] = Desk.from_json(data)
        return self._desks[session_id]

    def _keep_desk(self, caller_key: str, session_id: str, desk: Desk) -> None:
        """Written once, at the commit, however much of it changes."""
        self._desks[session_id] = desk
        if desk.contact is None and not desk.answers:
            self.delete(keys.contact(session_id))
            return
        ttl = self.retention.reply if desk.contact is None else self.retention.contact
        self.put_at_commit(keys.contact(session_id), desk.to_json, ttl)
        self.belongs(caller_key, keys.contact(session_id))
