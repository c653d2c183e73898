"""The audit trail: who changes, removes, adds or moves a line without the key is found out, and where."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpline.store.audit import Head
from tests.console.desk import a_case

LINES = 12


def written(line, many=LINES):
    store = line.services.store
    for number in range(many):
        store.transact(lambda tx, number=number: tx.audit("viewed_case", staff="ana", case=f"c{number}"))
    line.services.audit.link()
    return line.services.audit


def rewritten(line, change):
    """Somebody with the whole database and no key puts other lines in the place of these."""
    rows = [(row.decode(), fields) for row, fields in line.redis.xrange("audit")]
    line.redis.delete("audit")
    for row, fields in change(rows):
        line.redis.xadd("audit", fields, id=row)


def test_a_trail_nobody_touched_is_whole(line):
    verdict = written(line).verify()
    assert verdict.whole
    assert (verdict.lines, verdict.waiting) == (LINES, 0)


def test_lines_not_linked_yet_are_counted_and_no_fault(line):
    trail = written(line)
    line.services.store.transact(lambda tx: tx.audit("viewed_board", staff="ben"))
    verdict = trail.verify()
    assert verdict.whole
    assert verdict.waiting == 1


def changed(rows):
    row, fields = rows[5]
    return [*rows[:5], (row, {**fields, b"staff": b"ben"}), *rows[6:]]


def removed(rows):
    return rows[:5] + rows[6:]


def first_removed(rows):
    return rows[1:]


def last_removed(rows):
    return rows[:-1]


def added(rows):
    row, fields = rows[5]
    before, _, number = row.partition("-")
    return (
        [*rows[:6], (f"{before}-{int(number) + 1}", fields), *rows[6:]]
        if rows[6][0] != f"{before}-{int(number) + 1}"
        else removed(rows)
    )


def swapped(rows):
    (one, a), (two, b) = rows[5], rows[6]
    return [*rows[:5], (one, b), (two, a), *rows[7:]]


@pytest.mark.parametrize(
    "change", [changed, removed, first_removed, last_removed, added, swapped], ids=lambda f: f.__name__
)
def test_a_line_that_was_tampered_with_breaks_the_chain(line, change):
    trail = written(line)
    rewritten(line, change)
    assert not trail.verify().whole


def test_who_rewrites_the_links_too_needs_the_key(line):
    trail = written(line)
    rewritten(line, changed)
    rows = line.redis.xrange("audit:links")
    line.redis.delete("audit:links")
    for row, fields in rows:
        line.redis.xadd("audit:links", {**fields, b"h": b"0" * 32} if fields[b"n"] == b"6" else fields, id=row)
    assert any("was changed" in fault for fault in trail.verify().faults)


def test_an_end_that_was_cut_off_with_its_links_and_head_shows_against_a_head_kept_elsewhere(line):
    trail = written(line, 6)
    store = line.services.store
    early = store.transact(lambda tx: tx.read("audit:head"))
    written(line, 4)
    kept = trail.head()
    rewritten(line, lambda rows: rows[:6])
    links = line.redis.xrange("audit:links")
    line.redis.delete("audit:links")
    for row, fields in links[:6]:
        line.redis.xadd("audit:links", fields, id=row)
    line.redis.set("audit:head", store.vault.seal(early[0]))
    assert trail.verify().whole, "by itself this end looks right"
    assert not trail.verify(kept).whole
    assert trail.verify(Head(*early[0].values())).whole


def test_two_who_link_at_once_make_one_chain(line):
    import threading

    store = line.services.store
    for number in range(40):
        store.transact(lambda tx, number=number: tx.audit("viewed_case", staff="ana", case=f"c{number}"))
    both = [threading.Thread(target=line.services.audit.link) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    verdict = line.services.audit.verify()
    assert verdict.whole
    assert verdict.lines == 40


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, LINES - 1),
    field=st.sampled_from([b"staff", b"case", b"what"]),
    value=st.binary(min_size=1, max_size=8),
)
def test_any_field_of_any_line_counts(line, place, field, value):
    line.redis.delete("audit", "audit:links", "audit:head")
    trail = written(line)

    def tampered(rows):
        row, fields = rows[place]
        value_ = value.hex().encode()
        return [*rows[:place], (row, {**fields, field: value_}), *rows[place + 1 :]]

    rewritten(line, tampered)
    assert not trail.verify().whole


def test_supervisors_read_and_verify_it_and_responders_do_not(ana, carla, line):
    case = a_case(line)
    ana.get(f"/console/cases/{case.id}")
    page = carla.get("/console/audit").text
    assert "looked at a case" in page
    assert case.code in page
    assert "The chain is whole" in carla.post("/console/audit").text
    assert ana.get("/console/audit").status_code == 403
    assert "was refused a page" in carla.get("/console/audit").text
