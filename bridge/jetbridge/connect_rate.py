"""How many streams one address may open in a minute. Pure: the clock is passed in."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

MAX_ADDRESSES = 20_000
"""Addresses remembered, about 5 MB. Past it the one unseen for longest is forgotten."""

IPV6_SITE_BITS = 64
"""One customer usually has a whole /64 (RFC 6177), and could use another address each time."""

MINUTE = 60.0


@dataclass(slots=True)
class Bucket:
    """What one address may still open, as of `at`."""

    tokens: float
    at: float


class ConnectRate:
    """A token bucket for each address: `per_minute` at once, then evenly spread.

    `per_minute` 0 admits everybody. An address that stayed away for a minute has a full
    bucket again, and is forgotten.
    """

    def __init__(self, per_minute: int, *, max_addresses: int = MAX_ADDRESSES) -> None:
        self._per_minute = per_minute
        self._max_addresses = max_addresses
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        """Addresses that are remembered."""
        return len(self._buckets)

    def admit(self, address: str, now: float) -> bool:
        """Whether `address` may open one more stream at `now`, in seconds of a clock that
        never goes back. Being refused costs the address nothing."""
        if not self._per_minute:
            return True
        self._forget_idle(now)
        bucket = self._bucket(site(address), now)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def _bucket(self, key: str, now: float) -> Bucket:
        full = float(self._per_minute)
        bucket = self._buckets.setdefault(key, Bucket(full, now))
        bucket.tokens = min(full, bucket.tokens + (now - bucket.at) * full / MINUTE)
        bucket.at = now
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._max_addresses:
            self._buckets.popitem(last=False)
        return bucket

    def _forget_idle(self, now: float) -> None:
        while self._buckets:
            key = next(iter(self._buckets))
            if now - self._buckets[key].at < MINUTE:
                return
            del self._buckets[key]


def site(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 address."""
    if ":" not in address:
        return address
    try:
        ip = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((ip, IPV6_SITE_BITS), strict=False).network_address)
