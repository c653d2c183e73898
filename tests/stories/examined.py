"""What a line leaves behind after stories, looked at from outside for everything that people said and were called by.

Nothing of a caller may stand anywhere in clear: not in Redis, its files on disk, the job queue, a log, a metric, or an
address that Twilio was given.
"""

import json
from pathlib import Path
from typing import Any

import requests

from tests.helpline.data_map import contradictions
from tests.helpline.stored import tells, values
from tests.stories.people import SAID, Line

SHORTEST_WORDS = 12  # characters; "hi" and "1" stand everywhere and tell nothing


def nothing_leaks(line: Line) -> None:
    """Fail where something leaks; and then where a leak that is planted would not be found."""
    leaking = leaks(line)
    assert not leaking, "\n".join(leaking)
    SAID.add(("+12025550199", "purple elephants"))
    with line.redis() as redis:
        redis.set("session:planted", "call +12025550199")
        redis.rpush("rq:queue:planted", "purple elephants")
    found = "\n".join(leaks(line))
    SAID.discard(("+12025550199", "purple elephants"))
    for one in ("+12025550199", "purple elephants", "session:planted is not sealed", "disk "):
        assert one in found, one


def leaks(line: Line) -> list[str]:
    """Every place where something of a caller stands in clear, and where Redis is not as docs/privacy.md says."""
    numbers = {number for number, _ in SAID if number.startswith("+1202")}
    words = {body for number, body in SAID if number in numbers and len(body) >= SHORTEST_WORDS}
    secrets = sorted(numbers | words)
    places = {**_redis(line), **_disk(line), **_web(line), "log": line.log.read_bytes(), **_addresses(line)}
    found = [f"{place}: {said}" for place, text in places.items() for said in tells(text, secrets)]
    return found + _contradictions(line)


def _redis(line: Line) -> dict[str, bytes]:
    with line.redis() as redis:
        return {f"redis {value.key} {n}": value.raw for n, value in enumerate(values(redis))}


def _contradictions(line: Line) -> list[str]:
    with line.redis() as redis:
        return contradictions(redis)


def _disk(line: Line) -> dict[str, bytes]:
    with line.redis() as redis:
        redis.save()
    skipped = {"demo-keys", line.log.name}
    files = (file for file in Path(line.env["VAR_DIR"]).rglob("*") if file.is_file() and file.name not in skipped)
    return {f"disk {file.name}": file.read_bytes() for file in files}


def _web(line: Line) -> dict[str, bytes]:
    pages = {
        path: requests.get(f"{line.url}{path}", timeout=10).content for path in ("/metrics", "/readyz", "/console/")
    }
    return {f"page {path}": page for path, page in pages.items()}


def _addresses(line: Line) -> dict[str, bytes]:
    """Every address of the line that Twilio asked, and every one it was told to ask."""
    found: set[str] = set()
    _collect(requests.get(f"{line.api}/journal?limit=1000", timeout=10).json(), line.url, found)
    return {f"address {place}": address.encode() for place, address in enumerate(sorted(found))}


def _collect(value: Any, base: str, into: set[str]) -> None:
    match value:
        case str() if value.startswith(base):
            into.add(value)
        case str() if value.startswith("{"):
            _collect(json.loads(value), base, into)
        case list():
            for part in value:
                _collect(part, base, into)
        case dict():
            for part in value.values():
                _collect(part, base, into)
