"""The whole line on Redis and Sentinels that speak TLS only, with a made-up CA and a password; also over a failover."""

import pytest

from tests.stories.certificates import certificates
from tests.stories.parts import parts
from tests.stories.people import ANA, NUMBERS, until
from tests.stories.sentinel import group
from tests.stories.test_failover import alive, claims, full
from tests.stories.test_main_story import code_in

pytestmark = [pytest.mark.story, pytest.mark.soak]  # for every change: tests/helpline/test_redis_tls.py


def test_a_case_is_paged_claimed_and_closed_over_tls_with_a_failover_between(short_policy, tmp_path_factory):
    made = certificates(tmp_path_factory.mktemp("ca"))
    with (
        group(tmp_path_factory.mktemp("g"), made, password="made-up") as redis_group,
        parts(
            tmp_path_factory.mktemp("t"),
            short_policy,
            {"REDIS_URL": redis_group.address, "REDIS_CA_FILE": str(made.ca)},
        ) as line,
    ):
        line.start()
        line.up()
        until("ready", line.ready, 150)
        ana, caller = line.phone(ANA), line.phone(next(NUMBERS))
        assert "911" in " ".join(caller.texts("i took all my pills"))
        code = code_in(ana.gets("Reply 1", 15))
        old, _ = redis_group.fail_over()
        until("a text answered in full again", lambda: full(line), 60)
        redis_group.come_back(old)
        until("every part is back", lambda: alive(line), 60)
        assert code in " ".join(claims(ana, code))
        assert code in " ".join(claims(ana, code, "DONE {} 3"))
