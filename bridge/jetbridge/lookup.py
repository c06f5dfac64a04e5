"""Questions about places in the stream: by time, and by count."""

from __future__ import annotations

from jetbridge.filters import Filter
from jetbridge.gaps import StreamState
from jetbridge.jetstream import NANOSECONDS, ConsumerInfo, JetStream
from jetbridge.leader_query import LeaderQuery

FIRST_SPAN = 10_000


class Lookup:
    """Finds cursors by time and by count."""

    def __init__(self, jetstream: JetStream, stream: str) -> None:
        self._jetstream = jetstream
        self._stream = stream
        self._leader = LeaderQuery(jetstream, stream)

    async def before_time(self, time_ns: int) -> int:
        """The cursor before the first message stored at or after a time."""
        state = await self._jetstream.stream_state(self._stream)
        found = await self._leader.first_since(time_ns)
        return state.last_sequence if found is None else found - 1

    async def before_last(
        self, wanted: Filter, count: int, *, below: int, state: StreamState
    ) -> int:
        """The cursor before about the last `count` messages that match, if they begin at or
        below `below`: found by asking how many there are after a position, further and
        further back, and then by halving."""
        high, span = below, FIRST_SPAN
        bottom = state.first_sequence - 1
        low = max(bottom, high - span)
        while low > bottom and await self.count_after(low, wanted.subjects()) < count:
            high, span = low, span * 4
            low = max(bottom, high - span)
        while high - low > 1:
            middle = (low + high) // 2
            enough = await self.count_after(middle, wanted.subjects()) >= count
            low, high = (middle, high) if enough else (low, middle)
        return low

    async def count_after(self, cursor: int, subjects: list[str]) -> int:
        """How many messages after a cursor are on `subjects`."""
        info = await self._probe(
            {
                "deliver_policy": "by_start_sequence",
                "opt_start_seq": cursor + 1,
                "filter_subjects": subjects,
            }
        )
        return info.num_pending

    async def _probe(self, config: dict[str, object]) -> ConsumerInfo:
        name = f"jetbridge_{self._jetstream.new_name()}"
        config["inactive_threshold"] = 5 * NANOSECONDS
        info = await self._jetstream.create_consumer(self._stream, name, config)
        await self._jetstream.delete_consumer(self._stream, name)
        return info
