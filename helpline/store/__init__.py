"""The only Redis code: what is kept, under which keys, sealed how, for how long, and how it changes atomically."""

from helpline.store.caller_record import CallerRecord
from helpline.store.console_store import ConsoleStore
from helpline.store.letter import Letter, LetterKind
from helpline.store.redis_store import Beat, Conflict, Gate, LiveRoster, RedisStore, Unavailable
from helpline.store.retention import Retention
from helpline.store.speaking import Begun
from helpline.store.spoken import BOT, Spoken
from helpline.store.transaction import Transaction
from helpline.store.visits import Entry, Visit

__all__ = [
    "BOT",
    "Beat",
    "Begun",
    "CallerRecord",
    "Conflict",
    "ConsoleStore",
    "Entry",
    "Gate",
    "Letter",
    "LetterKind",
    "LiveRoster",
    "RedisStore",
    "Retention",
    "Spoken",
    "Transaction",
    "Unavailable",
    "Visit",
]
