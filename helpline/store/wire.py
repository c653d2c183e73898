"""One connection to Redis for one transaction at a time: what it reads goes out in one packet, what it writes in one.

Below redis-py's pipelines, over redis-py's connections: a pipeline wraps and checks every command and every reply on
its own and sends WATCH by itself, which cost a turn more than the turn (docs/performance.md).
"""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from hiredis import pack_command
from redis import Redis, ResponseError, WatchError
from redis.exceptions import ConnectionError as RedisConnectionError

Command = tuple[Any, ...]


class Wire:
    """A connection that transactions take in turn. It may still watch what the last one read and did not write."""

    def __init__(self, redis: Redis) -> None:
        self._connection: Any = redis.connection_pool.get_connection()
        self._stale = False  # watches what nobody is interested in any more
        self._watching = False
        self._lost = False  # what was watched went with its connection: nothing may be decided on it any more

    def ask(self, *commands: Command) -> list[Any]:
        """The answers to these, in one round trip; WATCH among them holds until the commit.

        Raises:
            redis.WatchError: the connection was lost, and with it what was watched before.

        """
        self._still_watched()
        self._open()
        watched = self._watching
        self._watching = self._watching or any(command[0] == "WATCH" for command in commands)
        try:
            return self._round_trip(commands)
        except RedisConnectionError as lost:
            if watched:
                raise WatchError("the connection was lost while watching") from lost
            self._lost = False  # nothing was watched yet: the server closed it while nobody used it, so once more
            self._open()
            return self._round_trip(commands)

    def commit(self, commands: Sequence[Command]) -> None:
        """Do all of it in one MULTI/EXEC.

        Raises:
            redis.WatchError: something watched has changed and nothing was written; or the connection was lost, and
                whether it was written must be looked up, which deciding again does.

        """
        self._still_watched()
        self._open()
        try:
            *_, done = self._round_trip([("MULTI",), *commands, ("EXEC",)])
        except RedisConnectionError as lost:
            raise WatchError("the connection was lost at the commit") from lost
        self._watching = False
        if done is None:
            raise WatchError("something watched has changed")
        _raise_first(done)

    def let_go(self) -> None:
        """Forget what is watched; said to the server with the next transaction's first packet."""
        self._stale, self._watching, self._lost = self._stale or self._watching, False, False

    def close(self) -> None:
        self._connection.disconnect()

    def _open(self) -> None:
        """Connect where it is closed, asking the Sentinels where to.

        Sending on a closed connection would connect too, but to where it led before (redis-py 8.1,
        `send_packed_command`): to a primary that is no more.
        """
        self._connection.connect()

    def _still_watched(self) -> None:
        if self._lost:
            raise WatchError("the connection was lost while watching")

    def _round_trip(self, commands: Sequence[Command]) -> list[Any]:
        wire, sent = self._connection, [("UNWATCH",), *commands] if self._stale else commands
        try:
            wire.send_packed_command([b"".join(map(pack_command, sent))])
            answers = [_answer(wire) for _ in sent]
        except BaseException:  # also a job's alarm between two answers: the next transaction would read the rest
            wire.disconnect()
            self._stale, self._lost = False, self._watching
            raise
        if self._stale:
            self._stale = False
            del answers[0]
        _raise_first(answers)
        return answers


class Wires:
    """The connections of one process that no transaction has now."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._idle: deque[Wire] = deque()

    def take(self) -> Wire:
        """A connection for one transaction; it must be given back."""
        with suppress(IndexError):
            return self._idle.pop()
        return Wire(self._redis)

    def give_back(self, wire: Wire) -> None:
        """Let the next transaction have it."""
        wire.let_go()
        self._idle.append(wire)

    def close(self) -> None:
        """Close those that nobody has."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


def _answer(wire: Any) -> Any:
    """One answer; an error is one too, for the others must be read all the same."""
    try:
        return wire.read_response()
    except ResponseError as refused:
        return refused


def _raise_first(answers: Sequence[Any]) -> None:
    for one in answers:
        if isinstance(one, Exception):
            raise one
