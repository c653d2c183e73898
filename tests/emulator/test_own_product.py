"""The emulator as a product of its own: its command, and what its README shows."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from emulator.__main__ import main

README = Path(__file__).parents[2] / "emulator" / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def test_the_command_prints_where_it_is_puts_up_phones_and_ends_when_told():
    command = [sys.executable, "-m", "emulator", "--port", "0", "--phone", "+12025550142=A caller"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        assert process.stdout is not None
        url = re.search(r"http://\S+", process.stdout.readline().replace(",", "")).group()
        assert url in process.stdout.readline()
        phones = requests.get(f"{url}/emulator/api/phones", timeout=10).json()
        assert [(phone["number"], phone["name"], phone["expected"]) for phone in phones] == [
            ("+12025550142", "A caller", True)
        ]
        assert "Telephones" in requests.get(url, timeout=10).text
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        process.stdout.close()


def test_a_taken_port_is_one_clear_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = CliRunner().invoke(main, ["--port", str(taken.getsockname()[1])])
    assert result.exit_code == 1
    assert "choose another --port" in result.output


@pytest.mark.parametrize("option", ["--number", "--phone"])
def test_a_number_that_is_none_is_refused(option):
    result = CliRunner().invoke(main, [option, "12345"])
    assert result.exit_code == 2
    assert "12345 is no phone number" in result.output


def test_the_readme_shows_a_client_that_works(lab):
    shown = next(block for block in BLOCKS if "TwilioHttpClient" in block)
    settings = lab.emulator.settings
    shown = shown.replace("http://127.0.0.1:8770", lab.emulator.url).replace('"0" * 32', repr(settings.auth_token))
    names: dict = {}
    exec(shown, names)
    message = names["client"].messages.create(to="+12025550102", from_="+15005550006", body="x")
    assert message.status == "queued"
    names["client"].http_client.session.close()


def test_the_readme_shows_a_test_that_works(peer):
    peer.twiml("/sms", "<Message>Welcome</Message>")
    shown = next(block for block in BLOCKS if "complaints()" in block)
    names: dict = {}
    exec(shown.replace("http://127.0.0.1:8000", peer.url), names)
    assert [text["body"] for text in names["thread"]] == ["hello", "Welcome"]


def test_the_readme_names_every_kind_of_fault_and_behaviour():
    from emulator.faults import FaultKind
    from emulator.phones import Behaviour

    text = README.read_text()
    assert [kind.value for kind in FaultKind if f"`{kind.value}`" not in text] == []
    assert [one.value for one in Behaviour if one.value not in text] == []


def test_a_stopped_emulator_leaves_no_thread_behind(peer):
    from emulator import Emulator, Settings

    before = threading.active_count()
    for _ in range(3):
        with Emulator(Settings(port=0)) as emulator:
            requests.get(f"{emulator.url}/emulator/api/state", timeout=10)
    assert threading.active_count() <= before + 1
