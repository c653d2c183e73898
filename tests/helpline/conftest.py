"""One whole line for the tests of a module, emptied for each; a module that needs another one makes its own."""

from collections.abc import Iterator

import pytest

from tests.helpline.whole_line import WholeLine, fresh, whole_line


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeLine]:
    with pytest.MonkeyPatch.context() as patch, whole_line(tmp_path_factory.mktemp("line"), patch) as line:
        yield line


@pytest.fixture
def line(running: WholeLine) -> WholeLine:
    return fresh(running)


@pytest.fixture
def its_environment(running: WholeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """`helpline …` run in this process takes the line for its own."""
    for name, value in running.env.items():
        monkeypatch.setenv(name, value)
