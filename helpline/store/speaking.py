"""How the store speaks with Redis: decisions as transactions, questions one at a time."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from redis import Redis, RedisError, WatchError

from helpline.outbox import Outbox
from helpline.privacy.vault import Vault
from helpline.store.change import Means
from helpline.store.retention import Retention
from helpline.store.transaction import Transaction
from helpline.store.wire import Command, Wires

T = TypeVar("T")

TRIES = 60  # of one decision; 8 writers on one key need about 8
PAUSE_S = 0.004  # before trying again, times a random number, so that contenders do not march in step


class Conflict(Exception):
    """A decision lost to others on the same record as often as it may; nothing was written."""


class Unavailable(Exception):
    """Redis did not answer, refused writes, or is full; nothing may be taken as done."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A transaction that has read what it will need, and what else was asked in the same round trip."""

    transaction: Transaction
    answers: Sequence[Any]


class Speaking:
    """One process's way to its Redis."""

    def __init__(self, redis: Redis, vault: Vault, outbox: Outbox, retention: Retention) -> None:
        self._redis = redis
        self.vault = vault
        self._outbox = outbox
        self.retention = retention
        self._means = Means(redis, vault, outbox, retention)
        self._wires = Wires(redis)

    def transact(self, decide: Callable[[Transaction], T], begun: Begun | None = None) -> T:
        """Run `decide` until its reads and writes happen as one; gives what it returned.

        `decide` may run several times, so it must do nothing but read and write through the transaction. The first
        time it gets the transaction that has `begun`.

        Raises:
            Conflict: others kept changing what it read.
            Unavailable: Redis did not take it.

        """
        for attempt in range(TRIES):
            try:
                if begun is not None and attempt == 0:
                    return _decided(decide, begun.transaction)
                with self._transaction() as transaction:
                    return _decided(decide, transaction)
            except WatchError:
                time.sleep(PAUSE_S * random.random())
            except RedisError as fault:
                raise Unavailable(f"Redis: {type(fault).__name__}") from fault
        raise Conflict(f"a record changed {TRIES} times while it was being decided on")

    @contextmanager
    def beginning(self, names: Sequence[str], asking: Sequence[Command] = ()) -> Iterator[Begun]:
        """A transaction that has read these keys, with the answers to what is asked in the same round trip.

        Raises:
            Unavailable: Redis does not answer.

        """
        with self._transaction() as transaction:
            yield Begun(transaction, self._call(lambda: transaction.load(names, asking)))

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        wire = self._call(self._wires.take)
        try:
            yield Transaction(wire, self._means)
        finally:
            self._wires.give_back(wire)

    def close(self) -> None:
        """Give the connections back; nothing more is asked."""
        self._wires.close()
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


def _decided(decide: Callable[[Transaction], T], transaction: Transaction) -> T:
    result = decide(transaction)
    transaction.commit()
    return result
