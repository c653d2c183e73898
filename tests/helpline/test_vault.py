"""What is sealed opens only whole and only with its key; values sealed in the form used before still open."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from config import demo
from helpline.privacy.vault import SEALED, Unreadable, Vault, is_sealed

OLD, NEW = demo.new_key(), demo.new_key()
VAULT = Vault([NEW], "lookup")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(PLAIN)
def test_every_plain_value_comes_back_as_it_was(value):
    assert VAULT.open(VAULT.seal(value)) == value


@given(st.binary())
def test_bytes_come_back_as_they_were(sound):
    assert VAULT.open_bytes(VAULT.seal_bytes(sound)) == sound


def test_the_same_value_is_sealed_otherwise_each_time_and_shows_nothing_of_itself():
    one, two = VAULT.seal("+17175550142"), VAULT.seal("+17175550142")
    assert one != two
    assert b"555" not in one
    assert is_sealed(one)
    assert not is_sealed(b"plain")


@given(st.data())
def test_with_any_one_byte_changed_or_cut_off_it_does_not_open(data):
    sealed = VAULT.seal({"number": "+17175550142"})
    place = data.draw(st.integers(0, len(sealed) - 1))
    changed = bytes([sealed[place] ^ data.draw(st.integers(1, 255))])
    for wrong in (sealed[:place] + changed + sealed[place + 1 :], sealed[:place], sealed[: place + 1] + sealed[place:]):
        with pytest.raises(Unreadable):
            VAULT.open(wrong)


@given(st.binary() | st.binary().map(lambda rest: SEALED + rest) | st.binary().map(lambda rest: b"gAAAA" + rest))
def test_bytes_that_no_vault_wrote_do_not_open(rubbish):
    with pytest.raises(Unreadable):
        VAULT.open(rubbish)


def test_a_value_of_one_key_does_not_open_with_another():
    with pytest.raises(Unreadable, match="HELPLINE_SECRET_KEYS"):
        Vault([OLD], "lookup").open(VAULT.seal("x"))


def test_the_newest_key_seals_and_the_older_still_opens():
    both = Vault([NEW, OLD], "lookup")
    before = Vault([OLD], "lookup").seal("word")
    assert both.open(before) == "word"
    assert not both.current(before)
    assert both.current(both.reseal(before))
    assert VAULT.open(both.reseal(before)) == "word"


def test_a_fernet_token_of_earlier_versions_opens_and_is_put_into_the_present_form():
    token = Fernet(NEW).encrypt(json.dumps({"number": "+17175550142"}).encode())
    assert is_sealed(token)
    assert VAULT.open(token) == {"number": "+17175550142"}
    assert not VAULT.current(token)
    assert VAULT.current(VAULT.reseal(token))
    assert VAULT.open(VAULT.reseal(token)) == {"number": "+17175550142"}
    with pytest.raises(Unreadable):
        Vault([OLD], "lookup").open(token)


def test_many_threads_seal_and_open_with_one_vault():
    def there_and_back(n):
        return all(VAULT.open(VAULT.seal([n, turn])) == [n, turn] for turn in range(200))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(there_and_back, range(16)))
