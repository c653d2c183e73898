import pytest

from config.redis_address import SentinelAddress, is_sentinel, read_sentinel
from config.setting_values import redis_address


def test_the_sentinels_the_group_and_the_login_are_read():
    assert read_sentinel("redis+sentinel://a:1,b:2/line") == SentinelAddress((("a", 1), ("b", 2)), "line")
    assert read_sentinel("rediss+sentinel://u:p%40ss@a,[::1]:5/line/3") == SentinelAddress(
        (("a", 26379), ("::1", 5)), "line", 3, tls=True, user="u", password="p@ss"
    )
    assert read_sentinel("redis+sentinel://secret@a/line").password == "secret"


@pytest.mark.parametrize("address", ["redis://a", "rediss://a:1/0", "unix:///x"])
def test_one_server_is_no_group(address):
    assert not is_sentinel(address)
    assert redis_address(address) == address


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("redis+sentinel:///line", "no Sentinel"),
        ("redis+sentinel://a:1", "no name"),
        ("redis+sentinel://a:1/line/x", "no name"),
        ("redis+sentinel://a:99999/line", "port"),
        ("redis+sentinel://:1/line", "without a host"),
        ("http://a", "not a redis"),
    ],
)
def test_what_is_wrong_is_said_without_the_address(address, said):
    with pytest.raises(ValueError, match=said) as refused:
        redis_address(f"{address}")
    assert address not in str(refused.value)
