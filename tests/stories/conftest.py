"""The line the stories happen on."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.people import ANA, BEN, NUMBERS, ROOT, SHORT_POLICY_FROM, Line, Phone, alive, free_port, until


@pytest.fixture(scope="session")
def short_policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped content with the policy's waits made short."""
    content = tmp_path_factory.mktemp("content") / "content"
    shutil.copytree(ROOT / "flows" / "content", content)
    policy = content / "policy.yaml"
    text = policy.read_text()
    for long, short in SHORT_POLICY_FROM.items():
        assert long in text, long
        text = text.replace(long, short)
    policy.write_text(text)
    return content


@pytest.fixture(scope="session")
def line(short_policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    var = tmp_path_factory.mktemp("v")
    port, api_port = free_port(), free_port()
    env = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
        "PORT": str(port),
        "TWILIO_API_URL": f"http://127.0.0.1:{api_port}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "VAR_DIR": str(var),
        "CONTENT_DIR": str(short_policy),
        "EMULATOR_WORD_S": "0.01",
        "EMULATOR_CALLS_PER_SECOND": "20",
    }
    log = var / "line.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "helpline", "run"], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
        )
    running = Line(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{api_port}/emulator/api", process, log, env)
    try:
        until(f"the line answering; its log: {log.read_text()[-3000:]}", lambda: alive(running), 60)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@pytest.fixture
def caller(line: Line) -> Phone:
    """A caller nobody has heard of yet."""
    return line.phone(next(NUMBERS))


@pytest.fixture
def ana(line: Line) -> Phone:
    return line.phone(ANA)


@pytest.fixture
def ben(line: Line) -> Phone:
    return line.phone(BEN)
