"""A turn's line in the ledger, written with the turn itself, and what is counted of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from flows import ledger
from flows.case import Case
from flows.events import Answered, HungUp, Started
from flows.ledger import Contact
from flows.session import Session
from flows.step import Step
from helpline.arrival import Arrival
from helpline.counting import counted_turn
from helpline.store import Transaction


@dataclass(frozen=True, slots=True)
class Booked:
    """The contact as a turn leaves it, and whether it began with it."""

    contact: Contact
    fresh: bool


def book(
    tx: Transaction, arrival: Arrival, step: Step, case: Case | None, patience: timedelta, missed_at: datetime | None
) -> Booked | None:
    """Write the contact's line; `patience` is how long an unanswered question stays open.

    Gives nothing at the end of a call, or for a timer, of a contact that has ended: these begin none.
    """
    event = arrival.event
    contact = tx.contact(arrival.session_id)
    fresh = contact is None
    if isinstance(event, Answered | Started):
        tx.saw(arrival.call_sid or event.id, event.at)
        contact = _begun(contact, arrival, missed_at)
    if contact is None:
        return None
    if isinstance(event, HungUp):
        after = ledger.after_hang_up(contact, step, case, event.at)
    else:
        after = ledger.after_turn(contact, step, case, event.at, patience)
    tx.put_contact(after)
    return Booked(after, fresh)


def count(tx: Transaction, booked: Booked | None, was: Session, at: datetime) -> None:
    """Contacts begun, and where people leave."""
    if booked is not None:
        tx.count(at, *counted_turn(booked.contact, was.node, fresh=booked.fresh))


def _begun(contact: Contact | None, arrival: Arrival, missed_at: datetime | None) -> Contact:
    """The open contact with one more event, or a new one; its id is derived, for a turn may be decided again."""
    at = arrival.event.at
    if contact is not None:
        return replace(contact, events=contact.events + 1, last_at=max(contact.last_at, at), missed_at=missed_at)
    return Contact(
        id=sha256(f"contact:{arrival.event.id}".encode()).hexdigest()[:16],
        session_id=arrival.session_id,
        caller_key=arrival.caller_key,
        channel=arrival.channel,
        began_at=missed_at or at,
        last_at=at,
        missed=missed_at is not None,
        missed_at=missed_at,
        late_by=at - (missed_at or at),
    )
