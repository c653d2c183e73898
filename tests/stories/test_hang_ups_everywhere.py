"""Whoever hangs up, at every prompt a call can stand at, in both languages: the record is right and no phone rings."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from flows.events import Recorded
from flows.ledger import Owner
from flows.nodes import Ask
from tests.helpline.voice_walk import Walk
from tests.stories.people import running_line, until
from tests.stories.voice import a_stranger, calls

pytestmark = pytest.mark.story

WALK = Walk("en")
WAYS = dict(WALK.ways())
AT = {way: node for node, way in WAYS.items()}
AT_ONCE = 6


@pytest.fixture(scope="module")
def line(short_policy, tmp_path_factory):
    with running_line(tmp_path_factory.mktemp("v"), short_policy) as running:
        yield running


def keys_for(node, event):
    """What is pressed for this answer: with the pound key where more digits could follow."""
    ask = WALK.loaded.flow.nodes[node]
    more = isinstance(ask, Ask) and (ask.several or ask.digits != 1)
    return event.text + "#" * more


def goes_and_hangs_up(line, language, place):
    """A stranger's call that goes this far and breaks off; gives their phone and the call."""
    stranger, way = a_stranger(line), WAYS[place]
    call = calls(stranger, language)
    for n, event in enumerate(way):
        if isinstance(event, Recorded):
            call.hears("beep").press("#")
        else:
            call.press(keys_for(AT[way[:n]], event))
    session = f"voice-{call.sid}"
    until(f"at {place}", lambda: line.store.transact(lambda tx: tx.session(session)).node == place)
    call.does("hangup")
    return stranger, call


def left_right(line, call):
    """The record of a call that broke off: ended, or owed by staff or the caller; nobody is believed on the line."""
    session = line.store.transact(lambda tx: tx.session(f"voice-{call.sid}"))
    if session.memory.get("gone") != "1":
        return None
    case = line.store.transact(lambda tx: tx.case_of(session.caller_key))
    contact = line.store.transact(lambda tx: tx.contact(session.id))
    if case is None:
        return contact is None or contact.owner is Owner.CALLER
    return case.on_line_call == "" and not case.closed and (contact.owner, contact.case_id) == (Owner.STAFF, case.id)


def test_whoever_hangs_up_at_any_prompt_leaves_a_right_record_and_no_phone_rings_for_it(line):
    """Nobody takes a case here, so a caller's phone that rings rings for nobody: a ghost."""
    every = [(language, place) for place in WAYS for language in ("en", "es")]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        gone = list(pool.map(lambda one: goes_and_hangs_up(line, *one), every))
    for which, (_, call) in zip(every, gone, strict=True):
        until(f"{which} right", lambda call=call: left_right(line, call))
    for which, (stranger, _) in zip(every, gone, strict=True):
        had = requests.get(f"{line.api}/phones/{stranger.number}/calls", timeout=5).json()
        assert len(had) == 1, (which, had)
    assert line.errors() == []
