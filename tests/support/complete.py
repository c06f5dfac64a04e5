"""Is anything missing that a client was not told of?"""

from __future__ import annotations

from tests.support.watcher import Watcher


def assert_complete(client: Watcher, *, after: int, last: int) -> None:
    """A client of the global stream, whose every sequence is an event, has in order each one
    after `after` up to `last`, or was told at the right place that it is gone."""
    place = after + 1
    gaps = {(gap.before, gap.requested): gap.first_available for gap in client.gaps}
    assert len(gaps) == len(client.gaps), client.gaps
    for index, sequence in enumerate([*client.events, last + 1]):
        while (index, place) in gaps:
            place = gaps.pop((index, place))
        assert sequence == place, (index, sequence, place, client.gaps)
        place += 1
    assert not gaps, f"these gaps are none: {gaps}"
