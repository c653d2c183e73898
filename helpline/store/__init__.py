"""The only Redis code: what is kept, under which keys, sealed how, for how long, and how it changes atomically."""

from helpline.store.caller_record import CallerRecord
from helpline.store.letter import Letter, LetterKind
from helpline.store.redis_store import Conflict, Gate, RedisStore, Unavailable
from helpline.store.retention import Retention
from helpline.store.transaction import Transaction

__all__ = [
    "CallerRecord", "Conflict", "Gate", "Letter", "LetterKind", "RedisStore", "Retention", "Transaction", "Unavailable",
]  # fmt: skip
