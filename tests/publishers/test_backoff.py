from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jetbridge_publishers.backoff import full_jitter


@given(st.integers(1, 10_000))
def test_a_wait_is_never_negative_and_never_over_the_cap(attempt: int) -> None:
    assert 0 <= full_jitter(attempt, cap_seconds=2.0) <= 2.0


@given(st.integers(1, 100))
def test_the_bound_doubles_until_the_cap(attempt: int) -> None:
    bound = full_jitter(attempt, random_share=1)
    following = full_jitter(attempt + 1, random_share=1)
    assert following == min(2.0, 2 * bound)


def test_the_share_spreads_waits_over_the_whole_range() -> None:
    waits = [full_jitter(3, base_seconds=1, cap_seconds=8) for _ in range(1000)]
    assert min(waits) < 2
    assert max(waits) > 6
