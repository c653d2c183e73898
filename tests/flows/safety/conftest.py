import json
from pathlib import Path
from types import MappingProxyType

import pytest

from config.lexicon import load_lexicon
from flows.safety import EntrySource, Lexicon, Source, compile_lexicon

CONTENT = Path(__file__).parents[3] / "flows" / "content"
SUITES = Path(__file__).parents[2] / "safety_suites"


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """The lexicon that ships."""
    return load_lexicon(CONTENT)


def suite(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (SUITES / name).read_text(encoding="utf-8").splitlines()]


def small(*entries: EntrySource, **said: object) -> Lexicon:
    """A lexicon of a few entries, for the rules of the grammar themselves."""
    nothing: dict[str, object] = {
        "families": {},
        "lists": {},
        "expansions": {},
        "fillers": frozenset(),
        "emoji": {},
        "disguised": (),
        "misspelled": frozenset(),
        "real_words": frozenset(),
        "scripts": {},
        "keywords": MappingProxyType(dict.fromkeys(("stop", "start", "help", "person"), frozenset())),
    }
    return compile_lexicon(Source(entries=entries, **{**nothing, **said}))
