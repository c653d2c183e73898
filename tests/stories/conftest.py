"""The line the stories happen on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.examined import nothing_leaks
from tests.stories.people import ANA, BEN, NUMBERS, ROOT, SHORT_POLICY_FROM, Line, Phone, running_line


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


@pytest.fixture(scope="module")
def line(short_policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with running_line(tmp_path_factory.mktemp("v"), short_policy) as running:
        yield running
        nothing_leaks(running)


@pytest.fixture
def line_that_dies_after_a_lease(short_policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A line whose first worker to lease a page is killed before it sends it."""
    with running_line(
        tmp_path_factory.mktemp("v"), short_policy, {"HELPLINE_TEST_BUILD": "1", "FAULTS": "F4"}
    ) as running:
        yield running


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
