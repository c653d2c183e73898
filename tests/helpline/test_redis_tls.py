"""Redis over TLS with a made-up CA: trusted when the settings name it, refused in words when they do not."""

import subprocess
from datetime import UTC, datetime

import pytest
from redis import Redis
from redis.exceptions import RedisError

from config import demo
from config.settings import Settings, SettingsFaults
from helpline import wiring
from helpline.commands.check import check
from tests.ports import free_port
from tests.stories.certificates import certificates, tls_server
from tests.stories.people import until
from tests.stories.sentinel import group

PASSWORD = "a made up password"
CA = {"REDIS_CA_FILE": "ca.pem"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that takes nothing but TLS and asks for a password; its port and its certificates."""
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    made = certificates(folder)
    words = [
        tls_server(), *made.words(port), "--dir", str(folder), "--requirepass", PASSWORD, "--appendonly", "yes",
        "--appendfsync", "always", "--maxmemory-policy", "noeviction",
    ]  # fmt: skip
    with (folder / "log").open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out)
    try:
        until("the server", lambda: speaks(port, made))
        yield port, made
    finally:
        process.kill()
        process.wait()


def speaks(port, made):
    with Redis(host="127.0.0.1", port=port, password=PASSWORD, ssl=True, ssl_ca_certs=str(made.ca)) as redis:
        try:
            return redis.ping()
        except RedisError:
            return False


def env(server, folder, scheme="rediss", host="127.0.0.1", **more):
    port, made = server
    address = f"{scheme}://:{PASSWORD.replace(' ', '%20')}@{host}:{port}/0"
    known = {"VAR_DIR": str(folder), "REDIS_URL": address, "REDIS_CA_FILE": str(made.ca)}
    return demo.completed({**known, **more})


def redis_faults(environment):
    return [fault.what for fault in check(environment, datetime.now(UTC)).faults if fault.file == "REDIS_URL"]


def test_a_line_keeps_and_reads_over_tls_with_its_own_ca(server, tmp_path):
    services = wiring.build(Settings.read(env(server, tmp_path)))
    services.store.transact(lambda tx: tx.remember_reply("SM1", "said"))
    assert services.store.transact(lambda tx: tx.reply_to("SM1")) == "said"
    assert redis_faults(env(server, tmp_path)) == []
    services.store.close()


@pytest.mark.parametrize("which", ["another CA", "none but the public ones"])
def test_a_certificate_that_nobody_trusted_signed_is_told_as_that(server, tmp_path, which):
    other = str(certificates(tmp_path / "other").ca) if which == "another CA" else ""
    assert redis_faults(env(server, tmp_path, REDIS_CA_FILE=other)) == [
        "it does not answer (its certificate is not trusted)"
    ]


def test_a_certificate_of_another_name_is_told_as_that(server, tmp_path):
    assert redis_faults(env(server, tmp_path, host="localhost")) == [
        "it does not answer (its certificate is not trusted)"
    ]


def test_without_tls_nothing_is_sent(server, tmp_path):
    told = redis_faults(env(server, tmp_path, scheme="redis", REDIS_CA_FILE=""))
    assert told == ["it does not answer (ConnectionError)"]


@pytest.mark.parametrize(
    ("more", "said"),
    [({"REDIS_CA_FILE": "/nobody/ca.pem"}, "cannot be read"), ({"REDIS_URL": "redis://127.0.0.1"}, "is not over TLS")],
    ids=["no such file", "an address without TLS"],
)
def test_a_ca_that_cannot_be_meant_is_a_fault_of_the_settings(server, tmp_path, more, said):
    with pytest.raises(SettingsFaults, match=said):
        Settings.read(env(server, tmp_path, **more))


def test_sentinels_over_tls_lead_to_the_primary_which_asks_for_the_password(tmp_path):
    made = certificates(tmp_path / "ca")
    with group(tmp_path, made, password="made-up") as servers:
        known = {"VAR_DIR": str(tmp_path), "REDIS_URL": servers.address, "REDIS_CA_FILE": str(made.ca)}
        assert redis_faults(demo.completed(known)) == []
        follower = next(port for port in servers.servers if port != servers.primary())
        servers.running[follower].kill()
        servers.running[follower].wait()
        until("the loss seen", lambda: any("no other server" in told for told in redis_faults(demo.completed(known))))
        other = str(certificates(tmp_path / "other").ca)
        assert redis_faults(demo.completed({**known, "REDIS_CA_FILE": other})) == [
            "it does not answer (no Sentinel that is reached and trusted knows the primary)"
        ]
