import json
import stat
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import demo
from config.settings import Settings, SettingsFaults, environment, variables

KEY, OTHER_KEY, LOOKUP_KEY = (urlsafe_b64encode(sha256(name).digest()).decode() for name in (b"one", b"two", b"three"))
"""The same in every run: some stand in the names of tests."""
REAL = {
    "TWILIO_ACCOUNT_SID": "AC" + "0123456789abcdef" * 2,
    "TWILIO_AUTH_TOKEN": "f" * 32,
    "PUBLIC_URL": "https://line.example.org",
    "HELPLINE_NUMBER": "+17175550100",
    "FALLBACK_NUMBER": "+17175550199",
    "HELPLINE_SECRET_KEYS": f"{KEY},{OTHER_KEY}",
    "HELPLINE_LOOKUP_KEY": LOOKUP_KEY,
}


def faults_of(env):
    with pytest.raises(SettingsFaults) as caught:
        Settings.read(env)
    return {fault.variable: fault for fault in caught.value.faults}


def test_a_real_line_needs_seven_settings_and_has_defaults_for_the_rest():
    settings = Settings.read(REAL)
    assert settings.api_url == "https://api.twilio.com"
    assert (settings.host, settings.port, settings.demo, settings.faults) == ("127.0.0.1", 8000, False, ())
    assert [key.get_secret_value() for key in settings.secret_keys] == [KEY, OTHER_KEY]
    assert settings.content_dir.name == "content"


def test_every_missing_setting_is_told_at_once():
    assert set(REAL) == set(faults_of({}))


def test_faults_of_every_kind_are_told_in_one_go():
    wrong = {
        "PORT": "eighty",
        "HELPLINE_NUMBER": "717 555 0100",
        "PUBLIC_URL": "http://line.example.org",
        "FAULTS": "redis-down",
        "TRUSTED_PROXIES": "9",
        "LOG_LEVEL": "loud",
        "REDIS_URL": "http://127.0.0.1",
    }
    assert set(wrong) == set(faults_of(REAL | wrong))


def test_each_fault_says_what_is_wrong_and_how_to_mend_it():
    told = str(faults_of(REAL | {"PORT": "70000"})["PORT"])
    assert told.startswith("PORT is wrong: should be less than or equal to 65535. Give a free port")


def test_an_empty_value_counts_as_missing():
    assert faults_of(REAL | {"PUBLIC_URL": "  "})["PUBLIC_URL"].wrong == "is missing"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HELPLINE_NUMBER", "7175550100"),
        ("HELPLINE_NUMBER", "+1717"),
        ("HELPLINE_NUMBER", "anonymous"),
        ("PUBLIC_URL", "line.example.org"),
        ("PUBLIC_URL", "https://line.example.org/?a=1"),
        ("PUBLIC_URL", "https://user:word@line.example.org"),
        ("PUBLIC_URL", "https://line.example.org:99999"),
        ("TWILIO_API_URL", "http://twilio.example.org"),
        ("TWILIO_ACCOUNT_SID", "SK" + "0" * 32),
        ("TWILIO_AUTH_TOKEN", "0123456789"),
        ("HELPLINE_SECRET_KEYS", ","),
        ("HELPLINE_SECRET_KEYS", f"{KEY},{KEY}"),
        ("HELPLINE_SECRET_KEYS", "not base64!"),
        ("HELPLINE_SECRET_KEYS", urlsafe_b64encode(b"x" * 32).decode()),
        ("HELPLINE_SECRET_KEYS", urlsafe_b64encode(bytes(range(16))).decode()),
        ("HELPLINE_LOOKUP_KEY", KEY),
        ("MONITOR_URL", "ftp://monitor.example.org"),
        ("REDIS_URL", "redis:"),
        ("HELPLINE_DEMO", "perhaps"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_never_repeated(name, value):
    fault = faults_of(REAL | {name: value})[name]
    assert value == "," or value not in fault.wrong


def test_a_refusal_shows_no_secret_even_in_its_traceback():
    secret = "0123456789abcdef" * 2
    with pytest.raises(SettingsFaults) as caught:
        Settings.read(REAL | {"TWILIO_AUTH_TOKEN": secret, "PORT": "x"})
    assert secret not in str(caught.getrepr(showlocals=False))


def test_settings_printed_show_no_secret():
    printed = repr(Settings.read(REAL))
    assert not [secret for secret in ("f" * 32, KEY, OTHER_KEY, LOOKUP_KEY) if secret in printed]


def test_numbers_are_kept_in_e164_however_they_are_written():
    assert Settings.read(REAL | {"HELPLINE_NUMBER": "+1 (717) 555-0100"}).helpline_number == "+17175550100"


def test_the_secondary_token_is_accepted_after_the_first():
    tokens = Settings.read(REAL | {"TWILIO_AUTH_TOKEN_SECONDARY": "e" * 32}).auth_tokens
    assert tokens == ("f" * 32, "e" * 32)


def test_a_demo_is_refused_when_it_would_reach_the_real_twilio():
    assert "HELPLINE_DEMO" in faults_of(REAL | {"HELPLINE_DEMO": "1"})


def test_a_test_build_is_refused_on_a_real_line():
    assert "HELPLINE_TEST_BUILD" in faults_of(REAL | {"HELPLINE_TEST_BUILD": "1"})


def test_faults_are_honoured_in_a_test_build_with_the_emulator():
    local = {"TWILIO_API_URL": "http://127.0.0.1:8001", "HELPLINE_TEST_BUILD": "1", "FAULTS": "one, two"}
    assert Settings.read(REAL | local).faults == ("one", "two")


def test_without_redis_url_the_embedded_server_is_meant(tmp_path):
    settings = Settings.read(REAL | {"VAR_DIR": str(tmp_path)})
    assert settings.redis_address == f"unix://{tmp_path}/redis.sock"


@given(st.dictionaries(st.sampled_from(variables()), st.text(max_size=40)))
def test_any_environment_is_answered_with_faults_of_known_variables(env):
    assert set(faults_of({"PORT": "x"} | env | {"PUBLIC_URL": ""})) <= set(variables())


def test_without_credentials_the_demo_has_all_it_needs(tmp_path):
    settings = Settings.read(demo.completed({"VAR_DIR": str(tmp_path), "PORT": "8123"}))
    assert settings.demo
    assert (settings.public_url, settings.api_url) == ("http://127.0.0.1:8123", "http://127.0.0.1:8124")
    assert settings.roster_file.exists()


def test_demo_keys_stay_the_same_and_only_their_owner_can_read_them(tmp_path):
    env = {"VAR_DIR": str(tmp_path / "var")}
    assert demo.completed(env) == demo.completed(env)
    assert stat.S_IMODE((tmp_path / "var" / "demo-keys").stat().st_mode) == 0o600


def test_processes_that_start_at_once_get_the_same_demo_keys(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(demo.completed, [{"VAR_DIR": str(tmp_path)}] * 8))
    assert all(each == drawn[0] for each in drawn)
    assert [file.name for file in tmp_path.iterdir()] == ["demo-keys"]


@pytest.mark.parametrize("env", [REAL, {"TWILIO_AUTH_TOKEN": "f" * 32}, {"HELPLINE_DEMO": "0"}])
def test_outside_the_demo_nothing_is_made_up(env, tmp_path):
    env = env | {"VAR_DIR": str(tmp_path)}
    assert demo.completed(env) == env
    assert list(tmp_path.iterdir()) == []


def test_the_environment_wins_over_the_env_file(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text(f"PORT=8200\nHOST=0.0.0.0\nVAR_DIR='{tmp_path}'\nLOG_LEVEL=$DEBUG\n")
    monkeypatch.setenv("PORT", "8300")
    monkeypatch.setenv("HOST", "")
    env = environment(file)
    assert (env["PORT"], env.get("HOST"), env["LOG_LEVEL"]) == ("8300", None, "$DEBUG")


def test_demo_keys_are_the_four_secrets_of_a_line(tmp_path):
    demo.completed({"VAR_DIR": str(tmp_path)})
    kept = json.loads((tmp_path / "demo-keys").read_text())
    assert sorted(kept) == ["HELPLINE_LOOKUP_KEY", "HELPLINE_SECRET_KEYS", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"]
