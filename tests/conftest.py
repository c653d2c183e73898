"""What every test may use: golden files that are rewritten on demand, and a browser that is asked for honestly."""

import os
import shutil
from collections.abc import Generator

import pytest
from hypothesis import settings

_CHROMIUM_MISSING = "no Chromium at /usr/bin/chromium or on PATH: install it with `apt-get install chromium`"

settings.register_profile("line", deadline=None, print_blob=True)  # how long an example takes depends on the machine
settings.load_profile("line")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew; then read the diff")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written instead of compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program; a test that uses it carries the mark `browser`."""
    found = _chromium()
    if found is None:
        pytest.skip(_CHROMIUM_MISSING)
    return found


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and _chromium() is None:
        pytest.skip(_CHROMIUM_MISSING)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With HELPLINE_REQUIRE_BROWSER (set by .ci/run) a browser test that is skipped, for whatever reason, has failed."""
    report = yield
    if report.skipped and item.get_closest_marker("browser") and os.environ.get("HELPLINE_REQUIRE_BROWSER"):
        report.outcome = "failed"
        report.longrepr = f"HELPLINE_REQUIRE_BROWSER is set, but this browser test was skipped: {report.longrepr}"
    return report


def _chromium() -> str | None:
    return shutil.which("chromium", path="/usr/bin") or shutil.which("chromium")
