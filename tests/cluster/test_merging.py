from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.statistics import (
    ReplicaNumbers,
    StreamNumbers,
    Survey,
    active_streams,
    fitting,
    merge,
)

IDS = ["", "a", "b", "global", "agent/a", "job/a", "agent/agent/a", "é"]
SETTINGS = {"max_queue_size": 500}


def replica(id: str, *streams: StreamNumbers, peers: tuple[str, ...] = ()) -> ReplicaNumbers:
    """A replica whose clients are all live."""
    return ReplicaNumbers(
        id=id,
        version="1.0.0",
        total_streams=len(streams),
        clients_by_state={"live": sum(stream.subscribers for stream in streams)},
        streams=list(streams),
        peers=list(peers),
    )


def streams() -> st.SearchStrategy[StreamNumbers]:
    return st.builds(
        StreamNumbers,
        st.sampled_from(["agent", "job"]),
        st.sampled_from(IDS[1:]),
        st.integers(1, 100),
        st.integers(0, 100),
    ) | st.builds(StreamNumbers, st.just("global"), st.just(""), st.integers(1, 100))


def test_one_replica_looks_as_in_the_guide() -> None:
    alone = replica("r1", StreamNumbers("global", "", 5, 45), StreamNumbers("agent", "agent:1", 3))
    body = msgspec.to_builtins(merge(Survey([alone]), SETTINGS))
    assert body["total_clients"] == 8
    assert body["total_streams"] == 2
    assert body["active_streams"] == {
        "global": {"subscribers": 5, "event_history_size": 45},
        "agent:1": {"subscribers": 3, "event_history_size": 0},
    }
    assert body["config"] == SETTINGS
    assert (body["answered"], body["expected"], body["silent"]) == (1, 1, [])


def test_subscribers_of_one_stream_are_summed_and_its_history_is_the_longest() -> None:
    one = replica("r1", StreamNumbers("job", "j", 2, 23))
    other = replica("r2", StreamNumbers("job", "j", 3, 17))
    status = merge(Survey([one, other]), SETTINGS)
    assert status.total_clients == 5
    assert status.total_streams == 1
    assert msgspec.to_builtins(status.active_streams) == {
        "j": {"subscribers": 5, "event_history_size": 23}
    }


def test_states_and_counts_are_summed_by_name() -> None:
    one = ReplicaNumbers(id="r1", clients_by_state={"live": 2, "lagging": 1}, counts={"lagged": 4})
    other = ReplicaNumbers(id="r2", clients_by_state={"live": 3}, counts={"lagged": 1})
    status = merge(Survey([one, other]), SETTINGS)
    assert status.clients_by_state == {"live": 5, "lagging": 1}
    assert status.counts == {"lagged": 5}


def test_the_newest_sequence_of_any_replica_is_told_and_each_one_shows_its_own() -> None:
    status = merge(
        Survey([ReplicaNumbers(id="r1", last_seq=9), ReplicaNumbers(id="r2", last_seq=7)]), {}
    )
    assert status.last_seq == 9
    assert [(one.id, one.last_seq) for one in status.replicas] == [("r1", 9), ("r2", 7)]


def test_an_agent_on_one_replica_is_not_a_job_of_that_id_on_another() -> None:
    one = replica("r1", StreamNumbers("agent", "x", 1))
    other = replica("r2", StreamNumbers("job", "x", 2))
    status = merge(Survey([one, other]), SETTINGS)
    assert {name: each.subscribers for name, each in status.active_streams.items()} == {
        "agent/x": 1,
        "job/x": 2,
    }


def test_who_is_known_to_any_replica_and_does_not_answer_is_silent() -> None:
    status = merge(Survey([replica("r1", peers=("r2",)), replica("r2", peers=("r1", "r3"))]), {})
    assert status.silent == ["r3"]
    assert (status.answered, status.expected) == (2, 3)
    assert any("r3" in trouble for trouble in status.troubles)


def test_a_replica_that_answers_twice_counts_once() -> None:
    one = replica("r1", StreamNumbers("global", "", 4))
    assert merge(Survey([one, one]), {}).total_clients == 4


def test_nothing_is_missing_when_all_answer() -> None:
    assert merge(Survey([replica("r1", peers=("r2",)), replica("r2")]), {}).troubles == []


@given(st.lists(streams(), max_size=12))
def test_no_stream_hides_another_of_the_same_name(numbers: list[StreamNumbers]) -> None:
    named = active_streams(numbers)
    assert len(named) == len({(one.kind, one.id) for one in numbers})
    total = sum(one.subscribers for one in numbers)
    assert sum(each.subscribers for each in named.values()) == total


@given(st.lists(st.lists(streams(), max_size=5), max_size=5))
def test_the_order_of_the_answers_does_not_matter(answers: list[list[StreamNumbers]]) -> None:
    replicas = [replica(f"r{number}", *each) for number, each in enumerate(answers)]
    there, back = merge(Survey(replicas), {}), merge(Survey(replicas[::-1]), {})
    assert msgspec.structs.replace(there, active_streams={}) == msgspec.structs.replace(
        back, active_streams={}
    )
    assert msgspec.to_builtins(there.active_streams).keys() == back.active_streams.keys()


@given(st.lists(streams(), max_size=50), st.integers(400, 4000))
def test_an_answer_fits_into_one_message_and_keeps_the_streams_with_most_clients(
    numbers: list[StreamNumbers], limit: int
) -> None:
    whole = replica("r1", *numbers)
    encoded = fitting(whole, limit)
    kept = msgspec.json.decode(encoded, type=ReplicaNumbers)
    assert len(encoded) <= limit
    assert kept.clients == whole.clients
    fewest = min((one.subscribers for one in kept.streams), default=101)
    left_out = len(numbers) - len(kept.streams)
    assert left_out == 0 or sum(one.subscribers > fewest for one in numbers) <= len(kept.streams)
    assert (
        left_out == 0 or f"left out the {left_out} streams" in merge(Survey([kept]), {}).troubles[0]
    )


def test_an_answer_of_another_version_is_understood() -> None:
    newer = b'{"id":"r9","clients_by_state":{"live":1},"mood":"sunny"}'
    assert msgspec.json.decode(newer, type=ReplicaNumbers).clients == 1
