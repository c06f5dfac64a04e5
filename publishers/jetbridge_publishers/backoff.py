"""How long to wait before trying again."""

from __future__ import annotations

import random


def full_jitter(
    attempt: int, *, base_seconds: float = 0.05, cap_seconds: float = 2.0, random_share: float = -1
) -> float:
    """Seconds to wait after the failed attempt number `attempt` (from 1).

    A random share, between 0 and 1, of a bound that doubles with each attempt up to
    `cap_seconds`, so that many clients do not come back at once ("full jitter": Marc
    Brooker, Exponential Backoff And Jitter, AWS 2015). `random_share` fixes the share.
    """
    bound = min(cap_seconds, base_seconds * 2 ** min(attempt, 30))
    share = random_share if random_share >= 0 else random.random()  # noqa: S311 - jitter
    return bound * share
