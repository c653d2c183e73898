"""The documents: the site builds strictly, links lead somewhere, commands exist, and the pocket card is one page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from playwright.sync_api import sync_playwright

from helpline import __main__ as commands

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
AT_ROOT = ("README.md", "RUNBOOK.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
PAGES = sorted([*(PROJECT / name for name in AT_ROOT), *DOCS.glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", folder],
        cwd=PROJECT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return folder


def names(page):
    return page.relative_to(PROJECT).as_posix()


def headings(page):
    found = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", head.lower().replace("`", "")).strip().replace(" ", "-") for head in found}


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_link_leads_somewhere(page):
    broken = []
    for link in LINK.findall(page.read_text()):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        file, _, place = link.partition("#")
        there = (page.parent / file) if file else page
        if not there.exists() or (place and there.suffix == ".md" and place not in headings(there)):
            broken.append(link)
    assert broken == []


def test_the_site_builds_strictly_and_fetches_nothing_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} <= {page.parent.name for page in pages}
    fetched = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(https?:[^\"]+)\"")
    elsewhere = {found for page in pages for found in fetched.findall(page.read_text()) if "canonical" not in found}
    assert elsewhere == set()


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_command_named_exists(page):
    known = {*commands.main.commands, *commands._ELSEWHERE}
    named = re.findall(r"(?:python -m |`)helpline ([a-z][a-z-]+)", page.read_text())
    assert [name for name in named if name not in known] == []


def used(text):
    """Every command line of ours in backquotes, as its words."""
    found = re.findall(r"`(?:python -m )?helpline ([^`]+)`", text)
    return [line.split() for line in found]


def faults_of(words):
    """What in a command line no command knows: a subcommand, or an option."""
    command = commands.main.get_command(click.Context(commands.main), words[0])
    rest = words[1:]
    if isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z|-]+", rest[0]) and not rest[0].startswith("-"):
        names, rest = rest[0].split("|"), rest[1:]
        if unknown := [name for name in names if name not in command.commands]:
            return unknown
        command = command.commands[names[0]]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return [word for word in rest if word.startswith("--") and word.partition("=")[0] not in known]


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_subcommand_and_option_named_exists(page):
    known = {*commands.main.commands, *commands._ELSEWHERE}
    wrong = {
        " ".join(words): bad for words in used(page.read_text()) if words[0] in known and (bad := faults_of(words))
    }
    assert wrong == {}


@pytest.mark.browser
@pytest.mark.parametrize("card", ["staff-card", "staff-card.es"])
def test_the_pocket_card_prints_on_one_page(site, chromium, card, tmp_path):
    html = site / card / "index.html"
    assert html.exists()
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(html.as_uri())
        page.pdf(path=tmp_path / "card.pdf", format="Letter")
        browser.close()
    pages = re.findall(rb"/Type\s*/Page\b", (tmp_path / "card.pdf").read_bytes())
    assert len(pages) == 1
