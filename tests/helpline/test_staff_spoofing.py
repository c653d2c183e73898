"""A text that claims to come from a staff phone can take only what was paged to it, and rings only the real phone."""

import pytest

from flows.pages import Purpose
from tests.helpline.inside import BEGIN, inside

CALLER, DANGER = "+12025550123", "i want to die"
ANA, CARLA = "+17175550111", "+17175550113"
STRANGER = "+12025550177"


@pytest.fixture(scope="module")
def the_line(tmp_path_factory):
    with inside(tmp_path_factory.mktemp("v")) as running:
        yield running


@pytest.fixture
def line(the_line):
    the_line.redis.flushall()
    the_line.clock.now = BEGIN
    return the_line


@pytest.fixture
def case(line):
    """A case whose first page has gone to Ana and to nobody else."""
    line.text(CALLER, DANGER)
    (opened,) = line.services.store.open_cases()
    line.services.dispatch.advance(opened.id)
    paged = line.services.store.case(opened.id)
    assert {page.staff_id for page in paged.pages} == {"ana"}
    return paged


def owner(line, case):
    return line.services.store.case(case.id).owner


@pytest.mark.parametrize("number", [CARLA, STRANGER, CALLER, "12345", "anonymous"])
def test_who_was_not_paged_takes_nothing_even_with_the_code(line, case, number):
    for words in ("1", f"1 {case.code}", case.code, f"DONE {case.code} 1", f"2 {case.code}"):
        line.text(number, words)
    assert owner(line, case) is None
    assert not line.services.store.case(case.id).closed


def test_a_code_that_is_guessed_takes_nothing(line, case):
    for guess in ("0A0A", "9Z9Z", "1B2C"):
        assert guess != case.code
        line.text(ANA, f"1 {guess}")
    assert owner(line, case) is None


def test_a_forged_claim_still_rings_the_real_phone_and_no_other(line, case):
    line.text(ANA, f"1 {case.code}")  # whoever wrote it
    line.services.dispatch.advance(case.id)
    claimed = line.services.store.case(case.id)
    assert claimed.owner == "ana"
    rings = [page for page in claimed.pages if page.purpose is Purpose.OWNER]
    assert {line.services.pager.numbers.of(claimed, page) for page in rings} <= {ANA}


def test_a_number_in_the_text_is_never_dialled_for_staff(line, case):
    line.text(ANA, f"1 {case.code} call me at +19005551234")
    line.text(ANA, "1 +12025550199")
    line.services.dispatch.advance(case.id)
    kept = line.services.store.case(case.id)
    numbers = {line.services.pager.numbers.of(kept, page) for page in kept.pages}
    assert numbers <= {ANA, CALLER, None}


def test_a_code_that_this_phone_was_shown_by_list_can_be_taken_by_it(line, case):
    assert case.code in line.text(CARLA, "LIST")
    line.text(CARLA, f"1 {case.code}")
    assert owner(line, case) == "carla"
