from __future__ import annotations

import dataclasses
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.js.api import (
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamInfo,
    StreamSource,
    StreamState,
    SubjectTransform,
)

from jetbridge_publishers.stream_config import (
    StreamSettings,
    add_command,
    check_settings,
    dead_letters_stream,
    duration,
    events_stream,
    tasks_stream,
)
from jetbridge_publishers.stream_findings import Severity, differences, findings
from jetbridge_schemas.errors import JetbridgeError

NOW_US = 1_800_000_000_000_000
EVT = events_stream(StreamSettings(), now_us=NOW_US)


def there(config: StreamConfig) -> StreamInfo:
    return StreamInfo(config, StreamState(0, 0, 0, 0, 0))


def changed(**changes: Any) -> StreamInfo:
    return there(dataclasses.replace(EVT, **changes))


def test_evt_is_as_the_contract_says() -> None:
    assert EVT.subjects == ["evt.>"]
    assert EVT.max_age == 72 * 3600
    assert EVT.max_bytes == 1024**3
    assert EVT.duplicate_window == 120
    assert EVT.max_consumers == 20_000
    assert EVT.allow_direct
    assert EVT.first_seq == NOW_US < 2**53


def test_dlq_keeps_announcements_for_seven_days() -> None:
    config = dead_letters_stream(StreamSettings(replicas=3))
    assert config.subjects == ["dlq.>"]
    assert config.max_age == 7 * 24 * 3600
    assert config.duplicate_window == 7 * 24 * 3600
    assert config.num_replicas == 3


def test_tasks_are_kept_until_they_are_done_and_refused_when_there_are_too_many() -> None:
    config = tasks_stream(StreamSettings(replicas=3), now_us=NOW_US)
    assert config.subjects == ["task.>"]
    assert config.retention == RetentionPolicy.WORK_QUEUE
    assert config.discard == DiscardPolicy.NEW
    assert (config.max_msgs_per_subject, config.discard_new_per_subject) == (10_000, True)
    assert (config.max_age, config.duplicate_window) == (72 * 3600, 3600)
    assert (config.num_replicas, config.first_seq) == (3, NOW_US)
    words = shlex.split(add_command(config))
    assert {"--retention=work", "--discard=new", "--discard-per-subject"} <= set(words)
    assert "--max-msgs-per-subject=10000" in words


@pytest.mark.parametrize(
    ("changes", "severity", "text"),
    [
        ({"retention": RetentionPolicy.LIMITS}, Severity.BREAKS, "nothing is removed"),
        ({"retention": RetentionPolicy.INTEREST}, Severity.BREAKS, "nobody reads"),
        ({"discard": DiscardPolicy.OLD}, Severity.WRONG, "throws away the oldest"),
        ({"max_msgs_per_subject": -1}, Severity.TUNING, "too much of"),
        ({"discard_new_per_subject": False}, Severity.TUNING, "too much of"),
    ],
)
def test_a_queue_that_is_none_is_explained(
    changes: dict[str, Any], severity: Severity, text: str
) -> None:
    wanted = tasks_stream(StreamSettings(), now_us=NOW_US)
    assert findings(wanted, there(wanted)) == []
    (finding,) = findings(wanted, there(dataclasses.replace(wanted, **changes)))
    assert finding.severity is severity
    assert finding.text.startswith("TASKS: ")
    assert text in finding.text


@given(st.floats(0, 1000))
def test_the_duplicate_window_never_exceeds_a_limited_age(hours: float) -> None:
    settings = StreamSettings(max_age_hours=hours)
    for config in (events_stream(settings, now_us=NOW_US), tasks_stream(settings, now_us=NOW_US)):
        assert config.duplicate_window <= (config.max_age or 3600)


def test_a_stream_as_defined_has_no_differences_whenever_it_was_made() -> None:
    assert differences(EVT, changed(first_seq=NOW_US - 10**12)) == []


@pytest.mark.parametrize(
    ("changes", "severity", "text"),
    [
        ({"subjects": ["other.>"]}, Severity.BREAKS, "takes the subjects"),
        ({"sealed": True}, Severity.BREAKS, "sealed"),
        ({"mirror": StreamSource("X")}, Severity.BREAKS, "mirror"),
        ({"no_ack": True}, Severity.BREAKS, "acknowledges no publish"),
        ({"retention": RetentionPolicy.WORK_QUEUE}, Severity.BREAKS, "retention workqueue"),
        ({"subjects": ["evt.>", "more"]}, Severity.WRONG, "also takes ['more']"),
        ({"subject_transform": SubjectTransform("a", "b")}, Severity.WRONG, "renames"),
        ({"discard": DiscardPolicy.NEW}, Severity.WRONG, "refuses new events"),
        ({"storage": StorageType.MEMORY}, Severity.WRONG, "in memory"),
        ({"allow_direct": False}, Severity.WRONG, "direct get"),
        ({"max_consumers": -1}, Severity.WRONG, "1,000 durable clients"),
        ({"max_consumers": 10}, Severity.WRONG, "only 10 consumers"),
        ({"first_seq": 0}, Severity.TUNING, "counts from sequence 1"),
        ({"max_age": 3600.0}, Severity.TUNING, "keeps events for 1h (settings say 72h)"),
        ({"max_age": 0.0}, Severity.TUNING, "keeps events for ever"),
        ({"max_bytes": -1}, Severity.TUNING, "any number of bytes"),
        ({"num_replicas": 3}, Severity.TUNING, "3 replicas"),
        ({"duplicate_window": 10.0}, Severity.TUNING, "forgets message ids after 10s"),
        ({"max_msgs": 5}, Severity.TUNING, "only the last 5 events"),
        ({"max_msgs_per_subject": 2}, Severity.TUNING, "the last 2 events of each subject"),
        ({"compression": None}, Severity.TUNING, "not compressed"),
    ],
)
def test_each_difference_is_explained_and_judged(
    changes: dict[str, Any], severity: Severity, text: str
) -> None:
    (finding,) = findings(EVT, changed(**changes))
    assert finding.severity is severity
    assert finding.text.startswith("EVT: ")
    assert text in finding.text


def test_the_worst_difference_comes_first() -> None:
    found = findings(EVT, changed(max_bytes=5, storage=StorageType.MEMORY, sealed=True))
    assert [finding.severity for finding in found] == [
        Severity.BREAKS,
        Severity.WRONG,
        Severity.TUNING,
    ]


def test_a_stream_that_takes_everything_takes_events_too() -> None:
    (finding,) = findings(EVT, changed(subjects=[">"]))
    assert finding.severity is Severity.WRONG


def test_the_command_makes_the_stream_as_defined() -> None:
    words = shlex.split(add_command(EVT))
    assert words[:4] == ["nats", "stream", "add", "EVT"]
    assert {"evt.>", "--max-age=72h", "--dupe-window=2m", "--compression=s2"} <= set(words)
    assert f"--first-sequence={NOW_US}" in words
    assert "--first-sequence" not in add_command(dead_letters_stream(StreamSettings()))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(259200, "72h"), (120, "2m"), (90, "90s"), (0, "0s"), (None, "0s"), (5400, "90m")],
)
def test_durations_are_written_in_the_largest_whole_unit(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    "settings",
    [
        StreamSettings(replicas=2),
        StreamSettings(max_age_hours=-1),
        StreamSettings(max_age_hours=float("inf")),
        StreamSettings(max_bytes=0),
    ],
)
def test_settings_out_of_range_are_refused_by_name(settings: StreamSettings) -> None:
    with pytest.raises(JetbridgeError, match="stream_"):
        check_settings(settings)
