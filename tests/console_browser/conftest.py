"""The running line, and staff at it with real browsers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.stories.conftest import short_policy  # noqa: F401  a fixture
from tests.stories.people import NUMBERS, Line, running_line
from tests.stories.test_telephones import QUIET

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
CODE = re.compile(r"code: (\d{6})")


@pytest.fixture(scope="module")
def line(short_policy, tmp_path_factory) -> Iterator[Line]:  # noqa: F811
    with running_line(tmp_path_factory.mktemp("v"), short_policy) as running:
        yield running


@pytest.fixture(scope="module")
def browser(chromium) -> Iterator[Browser]:
    with sync_playwright() as browsers:
        started = browsers.chromium.launch(
            executable_path=chromium, args=[*QUIET, "--autoplay-policy=no-user-gesture-required"]
        )
        yield started
        started.close()


_SIGNED_IN: dict[tuple[str, str], dict] = {}
"""The cookies of whoever has signed in at a line: a phone is sent only six codes an hour."""


class Staff:
    """A staff member: their browser and their telephone."""

    def __init__(self, line: Line, context: BrowserContext, number: str) -> None:
        self.line, self.context, self.phone = line, context, line.phone(number)
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))

    def signs_in(self) -> "Staff":
        self.page.goto(f"{self.line.url}/console/")
        self.page.get_by_label("Your phone number").fill(self.phone.number)
        self.page.get_by_role("button", name="Text me a code").click()
        code = CODE.search(self.phone.gets("console code")).group(1)
        self.page.get_by_label("Code of 6 digits").fill(code)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("heading", name="Board", exact=True).wait_for()
        return self

    def goes_to(self, path: str) -> Page:
        self.page.goto(f"{self.line.url}{path}")
        return self.page


def signed_in(line: Line, staff: Staff) -> None:
    """Keep the cookies of somebody who has just signed in, for whoever is at work after them."""
    _SIGNED_IN[line.url, staff.phone.number] = staff.context.storage_state()


@contextmanager
def at_work(line: Line, browser: Browser, number: str, **options) -> Iterator[Staff]:
    """Somebody signed in, in a browser of their own."""
    known = _SIGNED_IN.get((line.url, number))
    context = browser.new_context(
        **{"viewport": DESK, "timezone_id": "America/New_York", "storage_state": known, **options}
    )
    try:
        staff = Staff(line, context, number)
        if known is None:
            staff.signs_in()
            signed_in(line, staff)
        else:
            staff.goes_to("/console/")
        yield staff
    finally:
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")  # a request held back in a test would come into the next one
        context.close()


@pytest.fixture
def caller(line: Line):
    return line.phone(next(NUMBERS))
