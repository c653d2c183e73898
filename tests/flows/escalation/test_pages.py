"""One page on its way: leases, lost answers, callbacks in any order."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import pages
from flows.carrier_codes import NO_KEY, UNCONFIRMED, VERDICTS, Verdict, verdict
from flows.pages import CALL_RANKS, MOST_REQUESTS, SMS_RANKS, Page, PageState, Purpose, page_id
from flows.roster import Contact
from tests.flows.escalation.line import ANA, POLICY, at


def page(channel=Contact.SMS, **changes) -> Page:
    first = Page(
        id="case1.p", staff_id=ANA, channel=channel, round=0, step=0, n=0, due_at=at(0), next_at=at(0)
    )  # fmt: skip
    return replace(first, **changes)


def leased(channel=Contact.SMS) -> Page:
    return pages.lease(page(channel), "t1", at(0), POLICY)


def after(start: Page, *callbacks: tuple[str, str]) -> Page:
    for status, error in callbacks:
        start = pages.outcome(start, "S1", status, error, at(5))
    return start


class TestLeases:
    def test_only_one_worker_holds_a_page(self):
        assert pages.lease(leased(), "t2", at(1), POLICY) is None

    def test_a_page_that_waits_after_a_refusal_is_due_when_its_time_has_come(self):
        held = pages.unavailable(leased(), "t1", at(10), POLICY)
        assert pages.woken(held, at(9)).state is PageState.FAILED_RETRY
        assert pages.woken(held, at(10)).state is PageState.DUE

    def test_a_page_that_waits_may_go_along_with_another_and_a_refusal_of_both_is_no_try_of_its_own(self):
        held = pages.unavailable(leased(), "t1", at(10), POLICY)
        along = pages.lease(held, "t2", at(5), POLICY)
        again = pages.unavailable(along, "t2", pages.back_off(along, at(6), POLICY), POLICY)
        assert (again.state, again.retries, again.requests) == (PageState.FAILED_RETRY, held.retries, held.requests)

    def test_a_worker_that_died_leaves_the_page_uncertain_and_it_is_not_sent_before_the_carrier_was_asked(self):
        assert pages.woken(leased(), at(19)) == leased()
        lost = pages.woken(leased(), at(20))
        assert lost.state is PageState.UNCERTAIN
        assert pages.lease(lost, "t2", at(21), POLICY) is None

    def test_what_the_carrier_does_not_know_is_sent_once_more_and_then_left_to_the_other_channel(self):
        lost = pages.not_found(pages.uncertain(leased(), "t1", at(8)), at(9))
        assert lost.state is PageState.DUE
        again = pages.lease(lost, "t2", at(9), POLICY)
        gone = pages.not_found(pages.woken(again, at(29)), at(30))
        assert (gone.state, gone.error, gone.requests) == (PageState.FAILED_FINAL, UNCONFIRMED, MOST_REQUESTS)

    def test_a_call_to_the_caller_that_may_have_gone_out_is_not_made_again_for_the_same_bridge(self):
        lost = replace(leased(Contact.CALL), purpose=Purpose.CALLER, state=PageState.UNCERTAIN)
        assert pages.not_found(lost, at(9)).error == UNCONFIRMED

    def test_a_page_that_is_not_uncertain_cannot_be_not_found(self):
        assert pages.not_found(page(), at(1)) == page()

    @pytest.mark.parametrize(
        "report",
        [
            lambda held: pages.uncertain(held, "old", at(1)),
            lambda held: pages.refused(held, "old", "21211"),
            lambda held: pages.unavailable(held, "old", at(1), POLICY),
        ],
    )
    def test_a_worker_whose_lease_is_over_changes_nothing(self, report):
        assert report(leased()) == leased()

    def test_yet_what_such_a_worker_sent_is_adopted(self):
        lost = pages.woken(leased(), at(20))
        known = pages.accepted(lost, "S1", at(25))
        assert (known.state, known.sids, known.accepted_at) == (PageState.ACCEPTED, ("S1",), at(25))
        assert pages.accepted(known, "S1", at(30)) == known

    def test_both_sids_of_a_page_sent_twice_are_kept_so_that_both_phones_can_be_stopped(self):
        twice = pages.accepted(pages.accepted(leased(Contact.CALL), "S1", at(1)), "S2", at(2))
        assert twice.sids == ("S1", "S2")
        assert twice.accepted_at == at(1)

    def test_a_refusal_for_now_is_tried_again_with_growing_waits_and_then_final(self):
        held, waits = leased(), []
        for second in (0, 100, 200, 300):
            until = pages.back_off(held, at(second), POLICY)
            waits.append((until - at(second)).total_seconds())
            held = pages.unavailable(held, "t1", until, POLICY)
            assert held.state is PageState.FAILED_RETRY
            held = pages.lease(pages.woken(held, until), "t1", until, POLICY)
        assert waits == [2, 5, 10, 20]
        assert held.requests == 1, "what was never processed does not count as a request"
        last = pages.unavailable(held, "t1", pages.back_off(held, at(400), POLICY), POLICY)
        assert last.state is PageState.FAILED_FINAL

    def test_a_superseded_page_is_never_sent(self):
        assert pages.lease(pages.superseded(page(), at(1)), "t", at(2), POLICY) is None

    def test_a_failed_page_stays_failed_when_it_is_no_longer_wanted(self):
        failed = pages.refused(leased(), "t1", "21211")
        assert pages.superseded(failed, at(1)) == failed


class TestStatuses:
    @pytest.mark.parametrize("callbacks", list(permutations([("queued", ""), ("sent", ""), ("delivered", "")])))
    def test_a_text_ends_delivered_whatever_order_the_callbacks_come_in(self, callbacks):
        assert after(leased(), *callbacks).state is PageState.DELIVERED

    @settings(max_examples=150)
    @given(data=st.data(), channel=st.sampled_from(Contact))
    def test_any_order_and_any_number_of_the_same_callbacks_gives_the_same_page(self, data, channel):
        words = sorted((SMS_RANKS if channel is Contact.SMS else CALL_RANKS).keys() - {""})
        callback = st.tuples(st.sampled_from([*words, "nonsense"]), st.sampled_from(("", "30003", "30006")))
        callbacks = data.draw(st.lists(callback, min_size=1, max_size=6))
        shuffled = data.draw(st.permutations([*callbacks, *data.draw(st.lists(st.sampled_from(callbacks)))]))
        once, again = after(leased(channel), *callbacks), after(leased(channel), *shuffled)
        assert once == again

    @settings(max_examples=150)
    @given(data=st.data(), channel=st.sampled_from(Contact))
    def test_a_status_never_goes_back(self, data, channel):
        words = sorted((SMS_RANKS if channel is Contact.SMS else CALL_RANKS).keys() - {""})
        seen = leased(channel)
        for word in data.draw(st.lists(st.sampled_from(words), max_size=8)):
            later = pages.outcome(seen, "S1", word, "", at(1))
            assert pages.rank(later) >= pages.rank(seen)
            seen = later

    def test_an_unknown_status_only_proves_that_the_carrier_has_it(self):
        seen = after(leased(), ("teleported", ""))
        assert (seen.state, seen.status) == (PageState.ACCEPTED, "")

    def test_a_callback_that_comes_before_the_answer_of_the_request_is_adopted(self):
        assert after(leased(), ("sent", "")).state is PageState.SENT
        assert after(page(), ("delivered", "")).sids == ("S1",)

    @pytest.mark.parametrize("status", ["failed", "undelivered", "canceled"])
    def test_a_text_that_did_not_arrive_has_failed(self, status):
        assert after(leased(), ("sent", ""), (status, "30006")).error == "30006"
        assert after(leased(), (status, "")).error == status

    def test_a_text_that_arrived_after_all_has_arrived(self):
        seen = after(leased(), ("undelivered", "30003"), ("delivered", ""))
        assert (seen.state, seen.error) == (PageState.DELIVERED, "")

    def test_a_call_that_rings_and_is_picked_up_is_answered_but_ends_without_a_key(self):
        ringing = after(leased(Contact.CALL), ("initiated", ""), ("ringing", ""))
        assert (ringing.state, ringing.ringing) == (PageState.SENT, True)
        answered = after(ringing, ("in-progress", ""))
        assert (answered.state, answered.ringing, answered.live_call) == (PageState.ANSWERED, False, True)
        over = after(answered, ("completed", ""))
        assert (over.state, over.error, over.live_call) == (PageState.FAILED_FINAL, NO_KEY, False)

    def test_a_call_that_is_queued_is_accepted(self):
        assert after(leased(Contact.CALL), ("queued", "")).state is PageState.ACCEPTED

    def test_callbacks_do_not_bring_a_superseded_page_back(self):
        gone = pages.superseded(after(leased(Contact.CALL), ("ringing", "")), at(3))
        assert after(gone, ("in-progress", "")).state is PageState.SUPERSEDED


class TestNames:
    def test_a_page_id_is_the_same_for_the_same_page_and_different_for_any_other(self):
        assert page_id("case1", 0, 0, ANA, "sms", 0) == page_id("case1", 0, 0, ANA, "sms", 0)
        assert page_id("case1", 0, 0, ANA, "sms", 0) != page_id("case1", 0, 0, ANA, "sms", 1)
        assert page_id("case1", "1", "11") != page_id("case1", "11", "1")

    def test_the_case_of_a_page_can_be_read_from_its_id_and_nothing_else_can(self):
        name = page_id("case1", 0, 0, ANA, "sms", 0)
        assert pages.case_of(name) == "case1"
        assert ANA not in name


class TestErrors:
    @pytest.mark.parametrize(
        ("code", "meaning"),
        [
            ("20003", Verdict.OPERATOR),
            ("20429", Verdict.LATER),
            ("21211", Verdict.FINAL),
            ("21610", Verdict.OPTED_OUT),
            ("21614", Verdict.OTHER_CHANNEL),
            ("30003", Verdict.LATER),
            ("30006", Verdict.OTHER_CHANNEL),
            ("30007", Verdict.OPERATOR),
            (NO_KEY, Verdict.OTHER_CHANNEL),
            ("no-answer", Verdict.OTHER_CHANNEL),
        ],
    )
    def test_each_error_says_what_to_do(self, code, meaning):
        assert verdict(code) is meaning

    def test_an_error_nobody_knows_is_tried_again(self):
        assert verdict("99999") is Verdict.LATER
        assert "99999" not in VERDICTS
