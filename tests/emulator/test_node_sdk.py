"""Twilio's Node SDK as a client of the emulator, and as a judge of its signatures."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "node"
CALLER, STAFF, NUMBER = "+12025550101", "+12025550102", "+15005550006"
INSTALL_S = 170.0


@pytest.fixture(scope="session")
def sdk_folder() -> Path:
    """A folder with the SDK of the lock file, installed once for each lock."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        if os.environ.get("HELPLINE_REQUIRE_BROWSER"):
            pytest.fail("node and npm are needed: the build machine has them")
        pytest.skip("node and npm are not installed")
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(HERE.iterdir()))).hexdigest()[:16]
    ready = Path(tempfile.gettempdir()) / f"emulator-node-sdk-{os.getuid()}-{mark}"
    if not ready.exists():
        with tempfile.TemporaryDirectory(dir=ready.parent) as work:
            making = Path(work) / "sdk"
            shutil.copytree(HERE, making)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
            made = subprocess.run(command, cwd=making, capture_output=True, text=True, timeout=INSTALL_S, check=False)
            assert made.returncode == 0, f"npm ci failed: {made.stdout}{made.stderr}"
            try:
                making.rename(ready)
            except OSError:
                assert ready.exists()  # another worker was faster
    return ready


def run(folder: Path, script: str, given: Any = None, **env: str) -> Any:
    done = subprocess.run(
        ["node", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"]} | env,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def saw(lab, peer, sdk_folder) -> Any:
    settings = lab.emulator.settings
    return run(
        sdk_folder,
        "client.mjs",
        EMULATOR=lab.emulator.url,
        ACCOUNT_SID=settings.account_sid,
        AUTH_TOKEN=settings.auth_token,
        PEER=peer.url,
        NUMBER=NUMBER,
        STAFF=STAFF,
    )


def test_the_node_sdk_sends_calls_lists_and_is_refused_as_by_twilio(lab, peer, saw):
    lab.advance(1)
    assert saw["message"][1:] == ["queued", "1", True]
    assert saw["call"][1:] == ["queued", "canceled", "outbound-api"]
    assert saw["service"].startswith("MG")
    assert saw["participant"][1:] == ["staff", "queued"]
    assert saw["queue"] == 0
    assert saw["listed"] == ["page 3", "page 2", "page 1", "page 0", "From Node"]
    assert saw["refusals"] == {"message": [400, 21211], "call": [404, 20404], "token": [401, 20003]}
    assert "From Node" in lab.bodies(STAFF)
    assert [form["MessageStatus"] for form in peer.got("/ms")] == ["sent", "delivered"]


def test_twiml_built_by_the_node_sdk_runs(lab, peer, saw):
    from flask import Response

    peer.answer("/voice", Response(saw["voice"], mimetype="text/xml"))
    peer.answer("/sms", Response(saw["text"], mimetype="text/xml"))
    peer.twiml("/key", "")
    sid = lab.call()
    lab.act(sid, "speech", text="uno")
    assert lab.heard(sid) == ["Oprima uno"]
    assert peer.got("/key")[0]["SpeechResult"] == "uno"
    lab.text(CALLER, "hi")
    assert lab.bodies(CALLER) == ["parts & <marks>"]
    lab.excuse(12200)  # the SDK writes text beside <Body>, which Twilio remarks on


def test_the_node_sdk_finds_every_signature_right_and_every_changed_one_wrong(lab, peer, sdk_folder):
    peer.twiml("/sms", "")
    peer.twiml("/voice", "<Say>hi</Say>")
    lab.text(CALLER, "héllo & more 😀")
    lab.call()
    lab.post("/json-webhooks", url=f"{peer.url}/events", body={"é": 1})
    right = [
        {
            "url": peer.url + seen.url,
            "params": {} if seen.path == "/events" else seen.form,
            "body": seen.body if seen.path == "/events" else None,
            "signature": seen.headers["X-Twilio-Signature"],
        }
        for seen in peer.seen
    ]
    assert {item["url"].split("?")[0] for item in right} >= {
        f"{peer.url}/sms",
        f"{peer.url}/voice",
        f"{peer.url}/events",
    }
    wrong = [item | {"url": item["url"].replace("/", "//", 4)} for item in right]
    token = lab.emulator.settings.auth_token
    assert run(sdk_folder, "validate.mjs", right + wrong, AUTH_TOKEN=token) == [True] * len(right) + [False] * len(
        wrong
    )
