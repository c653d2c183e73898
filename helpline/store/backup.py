"""A copy of everything in Redis as one file, and back; what is sealed stays sealed.

Record by record (DUMP and RESTORE), so it works with hosted servers, Sentinels and TLS, where nobody can copy files.
Each record is whole, but not all are of one instant; what that leaves apart the ledger's check and the comparison with
Twilio's lists find. Doorbells (RQ's own keys) are left out: the due index rings again.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis import Redis, RedisError

from helpline.store.redis_store import Unavailable

FORMAT = 1
BATCH = 500
DOORBELLS = b"rq:"


class Damaged(Exception):
    """The file is no whole backup; nothing was changed."""


class NotEmpty(Exception):
    """The server holds something already; nothing was changed."""


def write(redis: Redis, file: Path, now: datetime) -> int:
    """Write every record into a file that only its owner can read, whole or not at all; gives how many.

    Raises:
        Unavailable: Redis does not answer.

    """
    half = file.with_name(f"{file.name}.{os.getpid()}")
    digest, count = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for line in (_header(now), *_records(redis)):
                out.write(line)
                digest.update(line)
                count += 1
            out.write(_line({"records": count - 1, "sha256": digest.hexdigest()}))
            out.flush()
            os.fsync(out.fileno())
        half.replace(file)
    except RedisError as fault:
        raise Unavailable(f"Redis: {type(fault).__name__}") from fault
    finally:
        half.unlink(missing_ok=True)
    return count - 1


def read(redis: Redis, file: Path) -> tuple[int, datetime]:
    """Put every record of a backup into an empty server; gives how many, and when the backup was made.

    Raises:
        Damaged: the file is cut short or changed.
        NotEmpty: the server is in use.
        Unavailable: Redis does not answer, or is older than the one the backup is of.

    """
    made, records = _checked(file)
    try:
        if redis.dbsize():
            raise NotEmpty("this Redis holds something already: give an empty one")
        for start in range(0, len(records), BATCH):
            with redis.pipeline(transaction=True) as pipe:
                for name, until_ms, dump in records[start : start + BATCH]:
                    pipe.restore(name, until_ms, dump, absttl=bool(until_ms))
                pipe.execute()
    except RedisError as fault:
        raise Unavailable(f"Redis: {type(fault).__name__}") from fault
    return len(records), made


def _records(redis: Redis) -> Iterator[bytes]:
    names: list[Any] = sorted(name for name in redis.scan_iter(count=BATCH) if not _bytes(name).startswith(DOORBELLS))
    for start in range(0, len(names), BATCH):
        some = names[start : start + BATCH]
        with redis.pipeline(transaction=True) as pipe:
            for name in some:
                pipe.dump(name)
                pipe.pexpiretime(name)
            told = pipe.execute()
        for name, dump, until_ms in zip(some, told[::2], told[1::2], strict=True):
            if dump is not None:
                yield _line([_text(_bytes(name)), max(int(until_ms), 0), _text(dump)])


def _checked(file: Path) -> tuple[datetime, list[tuple[bytes, int, bytes]]]:
    try:
        *lines, last = file.read_bytes().splitlines(keepends=True)
        end, header = json.loads(last), json.loads(lines[0])
        whole = end["sha256"] == hashlib.sha256(b"".join(lines)).hexdigest() and end["records"] == len(lines) - 1
        if not whole or header["format"] != FORMAT:
            raise Damaged(f"{file} is no whole backup of this program: nothing was changed")
        rows = (json.loads(line) for line in lines[1:])
        records = [(base64.b64decode(name), int(until), base64.b64decode(dump)) for name, until, dump in rows]
        return datetime.fromisoformat(header["at"]), records
    except (ValueError, KeyError, TypeError, IndexError) as fault:
        raise Damaged(f"{file} is no whole backup of this program: nothing was changed") from fault


def _header(now: datetime) -> bytes:
    return _line({"format": FORMAT, "at": now.astimezone(UTC).isoformat()})


def _line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(raw: bytes | str) -> bytes:
    return raw.encode() if isinstance(raw, str) else raw
