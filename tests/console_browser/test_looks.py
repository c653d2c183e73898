"""Every page is usable by everybody, and looks as its pictures in docs/console show (`--update-golden` takes them anew)."""

import json
import random
import re
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from redis import Redis

from helpline.outbox import Outbox
from helpline.privacy.vault import Vault
from helpline.store import RedisStore, Retention, keys
from helpline.store.measures import hour_of, once
from tests.console_browser.conftest import DESK, PHONE, at_work
from tests.stories.people import ANA, CARLA, NUMBERS, ROOT, running_line, until

pytestmark = [pytest.mark.story, pytest.mark.browser]

PICTURES = ROOT / "docs" / "console"
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
CALLERS = (
    ("my friend took too much and wont wake up",),
    ("i want to die", "3"),
    ("hi", "1", "4", "2", "1", "1"),
    ("hola", "español", "quiero hablar con una persona"),
)
PAGES = {
    "board": "/console/",
    "roster": "/console/roster",
    "flows": "/console/flows",
    "talk": "/console/flows/talk",
    "reports": "/console/reports",
    "forecast": "/console/forecast",
    "ledger": "/console/ledger",
    "limits": "/console/limits",
    "audit": "/console/audit",
    "account": "/console/account",
    "nothing": "/console/nothing-here",
}
OUTSIDE = {
    "sign-in": "/console/sign-in",
    "code": "/console/code",
    "contact": "/contact/?lang=en",
    "contact-es": "/contact/?lang=es",
    "contact-code": "/contact/code",
    "contact-nothing": "/contact/nothing-here",
    "first": "/console/first/none",
}
SHOWN = ("board", "case", "roster", "flows", "reports", "forecast", "ledger", "limits")
IN_LIGHT_TOO = frozenset({"board", "case", "roster", "flows", "reports"})


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A line with the shipped policy, a roster of five made-up people with a gap in it, and a week behind it."""
    roster = Path(__file__).with_name("roster.yaml")
    content = ROOT / "flows" / "content"
    with running_line(tmp_path_factory.mktemp("v"), content, {"ROSTER_FILE": str(roster)}) as running:
        a_week_before(running)
        yield running


def a_week_before(line):
    """The counters of a made-up week, so that the plots show something."""
    draw = random.Random(7)
    now = datetime.now(UTC)

    def count(tx):
        for hour in range(1, 24 * 7):
            at = now - timedelta(hours=hour)
            night = 2 if at.astimezone(ZoneInfo("America/New_York")).hour in {21, 22, 23, 0, 1, 2} else 1
            tx.count(at, *["contact.sms"] * draw.randint(0, 3 * night), *["contact.voice"] * draw.randint(0, night))
            tx.count(at, *["ended.completed"] * draw.randint(0, 3), *["ended.went_quiet"] * draw.randint(0, 1))
            tx.count(
                at,
                *(
                    f"left.{draw.choice(('menu', 'q1', 'q2', 'q3', 'q4', 'questions'))}"
                    for _ in range(draw.randint(0, 1))
                ),
            )
            tx.count(at, *["paged.sms"] * draw.randint(0, 2), *["paged.call"] * draw.randint(0, 1))
            if draw.random() < 0.5:
                level = draw.choice(("emergency", "urgent", "urgent", "soon", "routine"))
                tx.count(at, f"opened.{level}", "closed.handed_over")
                scale = {"emergency": 60, "urgent": 120, "soon": 900, "routine": 5000}[level]
                name = keys.counts(hour_of(at))
                tx.write(once(name, f"to_claim|{hour}", f"{level}|{int(scale * draw.uniform(0.3, 1.5))}"))
                tx.write(once(name, f"to_contact|{hour}", f"{level}|{int(scale * draw.uniform(1, 4))}"))

    kept = json.loads((Path(line.env["VAR_DIR"]) / "demo-keys").read_text())
    redis = Redis.from_url(f"unix://{Path(line.env['VAR_DIR']).absolute() / 'redis.sock'}")
    vault = Vault([kept["HELPLINE_SECRET_KEYS"]], kept["HELPLINE_LOOKUP_KEY"])
    RedisStore(redis, vault, Outbox(redis), Retention()).transact(count)
    redis.close()


@pytest.fixture(scope="module")
def night(line, browser):
    """A night with made-up people: some wait, one is being written with, one is done."""
    for staff in ("+17175550114", "+17175550115"):
        line.phone(staff)
    for words in CALLERS:
        caller = line.phone(next(NUMBERS))
        for one in words:
            caller.texts(one)
    with at_work(line, browser, ANA) as ana:
        until("four cases", lambda: ana.page.locator(".row").count() >= 3)
        rows = ana.page.locator(".row", has_text=re.compile("urgent", re.IGNORECASE))
        rows.first.get_by_role("button", name="Take it").click()
        ana.page.get_by_label("Your text").fill("Hi, I am a person on the team. I am reading what you write.")
        ana.page.get_by_role("button", name="Send", exact=True).click()
        ana.page.locator(".words .staff").wait_for()
        ana.page.get_by_label("Note", exact=True).fill("Sister lives near. Prefers texts.")
        ana.page.get_by_role("button", name="Keep the note").click()
        return ana.page.url


def faults_of(page):
    found = Axe().run(page, options=RULES).response["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"]][:4]) for one in found]


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(PHONE, "dark", id="phone-dark"),
        pytest.param(DESK, "light", id="desk-light"),
        pytest.param(PHONE, "light", id="phone-light", marks=pytest.mark.soak),
        pytest.param(DESK, "dark", id="desk-dark", marks=pytest.mark.soak),
    ],
)
def test_axe_finds_nothing_on_any_page(line, browser, night, size, scheme):
    wrong = {}
    with at_work(line, browser, CARLA, viewport=size, color_scheme=scheme) as carla:
        for name, path in (*PAGES.items(), ("case", night.removeprefix(line.url))):
            carla.goes_to(path)
            carla.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            if found := faults_of(carla.page):
                wrong[name] = found
        carla.goes_to("/console/ledger")
        carla.page.locator("td a, th a").first.click()
        if found := faults_of(carla.page):
            wrong["one contact"] = found
    with at_work(line, browser, ANA, viewport=size, color_scheme=scheme) as ana:
        ana.goes_to(night.removeprefix(line.url))
        if found := faults_of(ana.page):
            wrong["case of mine"] = found
        ana.page.get_by_role("button", name="Show", exact=True).click()
        if found := faults_of(ana.page):
            wrong["number"] = found
        ana.goes_to("/console/reports")  # not hers: the page that says so
        if found := faults_of(ana.page):
            wrong["refused"] = found
        ana.goes_to("/console/account")
        ana.context.clear_cookies()
        ana.page.get_by_role("button", name="Ring my phone").click()
        if found := faults_of(ana.page):
            wrong["run out"] = found
    stranger = browser.new_context(viewport=size, color_scheme=scheme)
    page = stranger.new_page()
    page.goto(f"{line.url}/console/sign-in")
    for name, path in OUTSIDE.items():
        page.goto(f"{line.url}{path}")
        if found := faults_of(page):
            wrong[name] = found
    stranger.close()
    assert wrong == {}


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_scrolls_sideways(line, browser, night, size):
    with at_work(line, browser, CARLA, viewport=size) as carla:
        for path in (*PAGES.values(), night.removeprefix(line.url)):
            page = carla.goes_to(path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, path


def test_what_is_to_be_pressed_is_large_enough_for_a_thumb(line, browser, night):
    with at_work(line, browser, ANA, viewport=PHONE) as ana:
        for path in ("/console/", night.removeprefix(line.url), "/console/roster"):
            page = ana.goes_to(path)
            small = page.evaluate(
                "() => [...document.querySelectorAll('button, select, .bar a, summary')].filter((one) => {"
                " const box = one.getBoundingClientRect(); return box.width && (box.height < 24 || box.width < 24); })"
                ".map((one) => one.textContent.trim())"
            )
            assert small == [], path


def test_pictures_of_the_pages_are_kept(line, browser, night, update_golden):
    wanted = [name for page, size in product(SHOWN, ("phone", "desk")) for name in names_of(page, size)]
    if not update_golden:
        assert [name for name in wanted if not (PICTURES / name).exists()] == []
        return
    PICTURES.mkdir(exist_ok=True)
    for (size, box), scheme in product((("phone", PHONE), ("desk", DESK)), ("dark", "light")):
        look = {"viewport": box, "color_scheme": scheme}
        with at_work(line, browser, CARLA, **look) as carla, at_work(line, browser, ANA, **look) as ana:
            for name in SHOWN if scheme == "dark" else IN_LIGHT_TOO:
                who = ana if name == "case" else carla
                page = who.goes_to(PAGES[name] if name in PAGES else night.removeprefix(line.url))
                if name not in {"board", "case"}:  # those ask for ever
                    page.wait_for_load_state("networkidle")
                expect(page.locator("h1").first).to_be_visible()
                path = PICTURES / names_of(name, size)[0 if scheme == "dark" else 1]
                page.screenshot(path=path, full_page=size == "desk" and name != "flows")


def names_of(page, size):
    """The files of a page at a width: dark, and for the pages people use at night in the light too."""
    return [f"{page}-{size}.png", *([f"{page}-{size}-light.png"] if page in IN_LIGHT_TOO else ())]
