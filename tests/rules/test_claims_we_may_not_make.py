"""What the product may not say of itself: that its questions are a screening instrument, or that it is one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

NEVER = re.compile(r"validated|c-ssrs|\bcssrs\b|\bASQ\b|clinically proven|columbia", re.IGNORECASE)
SHOWN = sorted(
    path
    for folder in ("flows/content", "helpline/console")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".yaml", ".html", ".js", ".md", ".txt"}
)


@pytest.mark.parametrize("file", SHOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_of_the_product_claims_to_be_an_instrument(file):
    """A single question worded anew is not the instrument it comes from (its rights and its figures are not ours)."""
    assert NEVER.findall(file.read_text(encoding="utf-8")) == []
