"""A caller leaves a spoken message on the running line, and a staff member hears it in the console; in both languages."""

import hashlib

import pytest
import requests

from helpline.store import keys
from tests.console_browser.conftest import at_work
from tests.stories.people import ANA, record, until
from tests.stories.voice import WORDS, both, calls_and_holds, ends, falls_due, going_wrong, paged

pytestmark = [pytest.mark.story, pytest.mark.browser]

SPOKEN = {"en": "please call my sister, she knows where I am", "es": "llamen a mi hermana, ella sabe dónde estoy"}
NOT_DELETED = {"kind": "rest_status", "method": "DELETE", "path": "/Recordings/", "status": 503}

PLAYED = """async (audio) => {
  const ready = new Promise((done, fault) => {
    audio.oncanplaythrough = done;
    audio.onerror = () => fault(new Error(`not playable: ${audio.error && audio.error.message}`));
  });
  audio.load();
  await ready;
  await audio.play();
  await new Promise((done) => { audio.ontimeupdate = () => audio.currentTime > 0 && done(); });
  return audio.duration;
}"""
"""Gives the length that the browser found; fails where it cannot play the sound."""

DECODED = """async (address) => {
  const bytes = await (await fetch(address)).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sound = await new OfflineAudioContext(1, 1, 8000).decodeAudioData(bytes.slice(0));
  const loudest = sound.getChannelData(0).reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  return [Array.from(digest, (one) => one.toString(16).padStart(2, "0")).join(""), sound.duration, loudest];
}"""


def at_carrier(line, recording, **how):
    sid = line.keys["TWILIO_ACCOUNT_SID"]
    address = f"{line.env['TWILIO_API_URL']}/2010-04-01/Accounts/{sid}/Recordings/{recording}.wav"
    return requests.get(address, timeout=10, **how)


def leaves_a_message(caller, language):
    """What a caller does on hold: agrees by a key, speaks after the tone, and ends it."""
    words = WORDS[language]
    call = calls_and_holds(caller, language).press("7").hears(words["agree"])
    assert "beep" not in call.heard
    call.press("1").hears(words["tone"]).hears("beep")
    call.says(SPOKEN[language]).press("#").hears(words["have"])
    call.does("hangup")


@both
def test_a_message_is_fetched_deleted_at_the_carrier_played_in_the_console_and_gone_in_time(
    line, browser, caller, language
):
    ana = line.phone(ANA)
    credentials = (line.keys["TWILIO_ACCOUNT_SID"], line.keys["TWILIO_AUTH_TOKEN"])
    with going_wrong(line, NOT_DELETED):  # once: so that what was recorded can be compared, and deleting is tried again
        leaves_a_message(caller, language)
        code = paged(line, caller, ana)
        case = record(line, code)[0]
        (recording,) = until("fetched", lambda: line.store.voicemails(case.id))
        until("still to be deleted", lambda: line.store.is_due(keys.recording_member(recording, "")))
        assert at_carrier(line, recording).status_code == 401
        recorded = at_carrier(line, recording, auth=credentials).content
    falls_due(line, keys.recording_member(recording, ""))
    until("gone at the carrier", lambda: at_carrier(line, recording, auth=credentials).status_code == 404)

    with line.redis() as redis:
        sealed = redis.get(keys.voicemail(recording))
        assert 0 < redis.ttl(keys.voicemail(recording)) <= line.store.retention.voicemail.total_seconds()
    assert recorded[:4] == b"RIFF"
    assert recorded[:64] not in sealed

    ana.texts(f"1 {code}")  # only who has the case hears it
    with at_work(line, browser, ANA) as staff:
        page = staff.goes_to(f"/console/cases/{case.id}")
        player = page.locator("#part-voicemail audio")
        assert player.count() == 1
        seconds = player.evaluate(PLAYED)
        address = player.evaluate("(audio) => audio.src")
        digest, decoded, loudest = page.evaluate(DECODED, address)
        assert digest == hashlib.sha256(recorded).hexdigest()
        assert seconds == pytest.approx(decoded, abs=0.1)
        assert seconds >= 1
        assert loudest > 0.01, "nothing can be heard"
        assert staff.faults == []
        assert requests.get(address, timeout=10, allow_redirects=False).status_code in {302, 303, 401, 403}

        with line.redis() as redis:  # as if its days were over
            redis.pexpire(keys.voicemail(recording), 1)
            redis.pexpire(keys.voicemails_of(case.id), 1)
        until("its time is over", lambda: line.store.voicemail(recording) is None)
        staff.goes_to(f"/console/cases/{case.id}")
        assert page.locator("audio").count() == 0
        assert page.evaluate("async (address) => (await fetch(address)).status", address) == 404
    ends(line, ana, code, 2)
