from __future__ import annotations

import pytest

from jetbridge_publishers.server_urls import server_urls, without_secrets


@pytest.mark.parametrize(
    ("servers", "urls"),
    [
        ("nats://a:4222", ["nats://a:4222"]),
        ("nats://a:4222, nats://b:4222 ,", ["nats://a:4222", "nats://b:4222"]),
        (["tls://a", "b:1"], ["tls://a", "b:1"]),
        ("nats://user:se:cret@a:4222", ["nats://user:se:cret@a:4222"]),
        ("nats://[::1]:4222", ["nats://[::1]:4222"]),
    ],
)
def test_servers_may_be_one_url_several_with_commas_or_a_sequence(
    servers: str | list[str], urls: list[str]
) -> None:
    assert server_urls(servers) == urls


@pytest.mark.parametrize("servers", ["", " , ", [], ["  "]])
def test_no_server_at_all_is_an_error(servers: str | list[str]) -> None:
    with pytest.raises(ValueError, match="no NATS server"):
        server_urls(servers)


@pytest.mark.parametrize(
    "servers", ["http://a:4222", "nats://a:port", "nats://a:0", "nats://a:99999", "nats://"]
)
def test_what_is_no_nats_address_is_refused_by_name(servers: str) -> None:
    with pytest.raises(ValueError, match="is not a NATS address"):
        server_urls(servers)


def test_a_refused_address_is_shown_without_its_password() -> None:
    with pytest.raises(ValueError, match="not a NATS address") as caught:
        server_urls("nats://user:secret@a:port")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("nats://a:4222", "nats://a:4222"),
        ("nats://user:p@ss@a:4222", "nats://a:4222"),
        ("token@a:4222", "a:4222"),
        ("tls://token@a", "tls://a"),
    ],
)
def test_secrets_are_not_shown(url: str, shown: str) -> None:
    assert without_secrets(url) == shown
