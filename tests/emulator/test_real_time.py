import json

import requests

from emulator import Emulator, Settings
from emulator.settings import NumberSettings


def test_with_a_running_clock_a_text_is_answered_by_itself_and_seen_in_the_event_stream(peer):
    peer.twiml("/sms", "<Message>Welcome</Message>")
    numbers = (NumberSettings("+15005550006", sms_url=f"{peer.url}/sms"),)
    with Emulator(Settings(port=0, numbers=numbers)) as emulator:
        api = f"{emulator.url}/emulator/api"
        with requests.get(f"{api}/events", stream=True, timeout=10) as stream:
            requests.post(f"{api}/phones/+12025550101/texts", json={"body": "hi"}, timeout=10)
            kinds = _kinds_until(stream, "message.delivered")
    assert kinds.index("webhook") < kinds.index("phone.text") < kinds.index("message.delivered")


def _kinds_until(stream: requests.Response, last: str) -> list[str]:
    kinds: list[str] = []
    for line in stream.iter_lines(decode_unicode=True):
        if line.startswith("data: "):
            kinds.append(json.loads(line.removeprefix("data: "))["kind"])
            if kinds[-1] == last:
                break
    return kinds


def test_keys_pressed_with_a_wait_reach_a_gather_that_comes_later(peer):
    peer.twiml("/voice", '<Say>A few words first</Say><Gather numDigits="1" action="/key"/>')
    peer.twiml("/key", "")
    numbers = (NumberSettings("+15005550006", voice_url=f"{peer.url}/voice"),)
    with Emulator(Settings(port=0, numbers=numbers)) as emulator:
        api = f"{emulator.url}/emulator/api"
        sid = requests.post(f"{api}/phones/+12025550101/calls", json={}, timeout=10).json()["sid"]
        pressed = requests.post(f"{api}/calls/{sid}/keys", json={"digits": "7", "wait_s": 5}, timeout=10)
        assert pressed.json()["heard"] == [True]
        query = {"subject": sid, "kind": "call.completed", "wait_s": 5}
        assert requests.get(f"{api}/journal", params=query, timeout=10).json()["records"]
    assert peer.got("/key")[0]["Digits"] == "7"
