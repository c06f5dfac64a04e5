"""The addresses of NATS servers, as people write them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCHEMES = frozenset({"nats", "tls", "ws", "wss"})


def server_urls(servers: str | Sequence[str]) -> list[str]:
    """The URLs in `servers`, which may be one string with commas between them.

    Raises ValueError, with a message for people, when there is none, or one has an
    unknown scheme, no host, or no usable port.
    """
    parts = servers.split(",") if isinstance(servers, str) else list(servers)
    urls = [url for part in parts if (url := part.strip())]
    if not urls:
        raise ValueError("no NATS server was given")
    for url in urls:
        _check(url)
    return urls


def without_secrets(url: str) -> str:
    """`url` without user, password or token: fit for logs and messages."""
    scheme, separator, rest = url.rpartition("://")
    return scheme + separator + rest.rpartition("@")[2]


def _check(url: str) -> None:
    parts = urlsplit(url if "://" in url else f"nats://{url}")
    try:
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if parts.scheme not in _SCHEMES or not usable:
        raise ValueError(f"{without_secrets(url)!r} is not a NATS address")
