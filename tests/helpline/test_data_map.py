"""docs/privacy.md says what Redis holds: every key pattern, whether it is sealed, and that it expires."""

import inspect
from datetime import timedelta
from pathlib import Path

import pytest

from helpline.store import keys
from helpline.store.belongings import Hold, put_hold
from helpline.store.counters import Block, block
from helpline.store.retention import Retention
from tests.helpline.data_map import DOCUMENT, contradictions, row_of, rows
from tests.helpline.inside import inside
from tests.helpline.stored import tells, values

CALLER, OTHER = "+12025550123", "+12025550124"
WORDS = ["zebra on the roof", "my sister took ketamine"]
ELSEWHERE = {"rq:*", "metrics"}  # keys of RQ and of helpline/store/metrics.py
DUE_WORDS = {"letter"}  # names of rows of the due index, not keys of their own


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("v")


@pytest.fixture(scope="module")
def line(folder):
    """A line on which about everything has happened that leaves something behind."""
    with inside(folder) as running:
        store, now = running.services.store, running.clock()
        running.text(CALLER, "hi")
        running.text(CALLER, WORDS[1])
        running.text(CALLER, "i want to die")
        running.text(CALLER, WORDS[0])
        running.text(OTHER, "hello")
        running.text(OTHER, "STOP")
        running.text("anonymous", "hi")
        call = running.sid("CA")
        running.call(CALLER, CallSid=call)
        running.call(CALLER, "/twilio/voice/turn?v=1", CallSid=call, Digits="0")
        for case in store.open_cases():
            running.services.dispatch.advance(case.id)
        staff = next(iter(running.services.roster.now().staff))
        running.text(staff.phone, "1")
        key = store.vault.caller_key
        store.transact(lambda tx: block(tx, key(OTHER), Block("why", "ana", now + timedelta(days=1)), now))
        store.transact(lambda tx: put_hold(tx, key("+12025550125"), Hold("ana", "why", now)))
        running.services.keeping.sweep()
        yield running


def patterns():
    """Every key that helpline/store/keys.py can make, with its placeholder in the words of the document."""
    for name, made in vars(keys).items():
        if isinstance(made, str) and name.isupper() and made not in DUE_WORDS:
            yield made
        elif inspect.isfunction(made) and made.__module__ == keys.__name__ and not name.endswith("_member"):
            yield made(*("x" for _ in inspect.signature(made).parameters))


def test_every_key_the_store_can_make_is_in_the_map_and_no_other():
    table = rows()
    made = list(patterns())
    assert len(made) > 40
    assert [key for key in made if row_of(key, table) is None] == []
    assert [
        row.key for row in table if row.key not in ELSEWHERE and not any(row_of(key, table) == row for key in made)
    ] == []


def test_every_row_says_who_reads_it_and_until_when():
    text = DOCUMENT.read_text()
    assert len(rows()) == text.count("\n| `")


def test_redis_is_as_the_map_says_after_conversations(line):
    assert len({value.key for value in values(line.redis)}) > 30
    assert contradictions(line.redis) == []


def test_no_number_and_no_word_stands_in_redis_unsealed(line):
    secrets = [CALLER, OTHER, *WORDS, "ketamine", "i want to die"]
    secrets += [staff.phone for staff in line.services.roster.now().staff]
    vault = line.services.store.vault
    found = [(value.key, tells(value.raw, secrets)) for value in values(line.redis)]
    assert [(key, said) for key, said in found if said] == []
    opened = {said for value in values(line.redis) for said in tells(value.opened(vault), secrets)}
    assert {CALLER, WORDS[0]} <= opened  # the scan would have found them: with the key they are there


def test_the_files_on_disk_tell_nothing_without_the_key(line, folder):
    line.redis.save()
    secrets = [CALLER, OTHER, *WORDS]
    files = [file for file in Path(folder).rglob("*") if file.is_file() and "demo-keys" not in file.name]
    assert any(file.stat().st_size > 1000 for file in files)
    assert [(file.name, said) for file in files if (said := tells(file.read_bytes(), secrets))] == []


def test_a_planted_fault_is_found(line):
    line.redis.set("session:planted", "+12025550123")
    line.redis.set("new:thing", "1")
    try:
        wrong = contradictions(line.redis)
        assert "session:planted is not sealed" in wrong
        assert "session:planted never expires" in wrong
        assert "new:thing is not in the data map" in wrong
    finally:
        line.redis.delete("session:planted", "new:thing")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("free_text", "30 days"), ("session", "30 days"), ("closed_case", "90 days"), ("caller", "90 days"),
        ("reply", "24 hours"), ("carrier", "48 hours"), ("voicemail", "7 days"), ("erase", "30 days"),
    ],
)  # fmt: skip
def test_the_figures_in_the_document_are_those_of_the_code(field, said):
    number, unit = said.split()
    assert getattr(Retention(), field) == timedelta(**{unit: int(number)})
    assert said in DOCUMENT.read_text()
