"""What `jetbridge doctor` looks at: each check is one line, with what to do if it fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple

import httpx2
import msgspec
import nats.errors
from nats.js.api import StreamConfig

from jetbridge.bridge import stream_settings
from jetbridge.cli.nats_session import ANSWER_SECONDS, nats_session
from jetbridge.jetstream import JetStream
from jetbridge.pull import PullConsumer
from jetbridge.settings import Settings
from jetbridge_publishers.server_urls import server_urls, without_secrets
from jetbridge_publishers.streams import (
    DEAD_LETTERS,
    EVENTS,
    Severity,
    add_command,
    find_stream,
    findings,
    wanted_streams,
)
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import DeadLetterReason
from jetbridge_schemas.subjects import DEFAULT_TENANT, dead_letter_subject

FEW_CONSUMERS = 100
"""Fewer free consumers than this are too few: each replay takes one for a moment."""


class Verdict(StrEnum):
    """How a check went."""

    OK = "ok"
    NOTE = "note"
    FAILED = "FAIL"


class ConsumerCount(msgspec.Struct):
    consumer_count: int


class ConsumerCap(msgspec.Struct):
    max_consumers: int = -1


class ConsumerUse(msgspec.Struct):
    """The part of STREAM.INFO that tells how many consumers there are, and may be."""

    state: ConsumerCount
    config: ConsumerCap


class Check(NamedTuple):
    """One line of the report, and what to do if it is not well."""

    verdict: Verdict
    text: str
    hint: str = ""


def ok(text: str) -> Check:
    return Check(Verdict.OK, text)


def failed(text: str, hint: str = "") -> Check:
    return Check(Verdict.FAILED, text, hint)


async def check_nats(settings: Settings) -> AsyncGenerator[Check]:
    """Server, stream definitions, permissions and consumer cap, as far as they can be seen."""
    denied: list[str] = []
    try:
        async with nats_session(settings, on_denied=denied.append) as jetstream:
            yield ok(
                "NATS answers at " + ", ".join(map(without_secrets, server_urls(settings.nats)))
            )
            yield _version(jetstream)
            for wanted in wanted_streams(stream_settings(settings)):
                for check in await _stream(jetstream, wanted):
                    yield check
            for permission in (_read_permission, _dead_letter_permission, _consumers):
                yield await _guarded(permission(jetstream), denied)
    except JetbridgeError as error:
        yield failed(str(error), error.hint)


async def _guarded(check: Awaitable[Check], denied: list[str]) -> Check:
    """The check; a refusal that arrived meanwhile explains why it got no answer."""
    try:
        return await check
    except JetbridgeError as error:
        if denied:
            return failed(denied[-1], "docs/configuration.md: give this user the permission")
        return failed(str(error), error.hint)


def _version(jetstream: JetStream) -> Check:
    # An older server has been refused by the connection already.
    version = jetstream.link.client.connected_server_version
    return ok(f"nats-server {version.major}.{version.minor}.{version.patch} is new enough")


async def _stream(jetstream: JetStream, wanted: StreamConfig) -> list[Check]:
    name = str(wanted.name)
    try:
        info = await find_stream(jetstream.link.context(), name)
    except JetbridgeError as error:
        return [failed(str(error), error.hint)]
    if info is None:
        return [failed(f"there is no stream {name}", add_command(wanted))]
    found = findings(wanted, info)
    bad = [finding for finding in found if finding.severity is not Severity.TUNING]
    notes = [Check(Verdict.NOTE, each.text) for each in found if each not in bad]
    if bad:
        hint = f"it should be as made by: {add_command(wanted)}"
        return [*(failed(each.text, hint) for each in bad), *notes]
    return [ok(f"the stream {name} is there and right"), *notes]


async def _read_permission(jetstream: JetStream) -> Check:
    state = await jetstream.stream_state(EVENTS)
    consumer = await PullConsumer.open(jetstream, EVENTS, start=state.last_sequence + 1)
    try:
        await consumer.pull(1)
        await consumer.next_batch()
    finally:
        await consumer.close()
    return ok(f"{EVENTS} can be read: consumers can be made, pulled and deleted")


async def _dead_letter_permission(jetstream: JetStream) -> Check:
    # The stream cannot be at this sequence, so it answers, and stores nothing.
    subject = dead_letter_subject(DEFAULT_TENANT, DeadLetterReason.BAD_JSON)
    impossible = {"Nats-Expected-Last-Sequence": str(2**63 - 1)}
    try:
        await jetstream.link.client.request(
            subject, b"{}", timeout=ANSWER_SECONDS, headers=impossible
        )
    except (nats.errors.Error, TimeoutError) as error:
        raise JetbridgeError(
            f"dead letters cannot be announced on {subject}: no answer",
            hint=f"is the stream {DEAD_LETTERS} there, and may this user publish on dlq.>?",
        ) from error
    return ok("dead letters can be announced")


async def _consumers(jetstream: JetStream) -> Check:
    info = await jetstream.request(f"$JS.API.STREAM.INFO.{EVENTS}", b"", ConsumerUse)
    used, cap = info.state.consumer_count, info.config.max_consumers
    if cap <= 0:
        return Check(Verdict.NOTE, f"{EVENTS} has {used} consumers and no cap of its own")
    text = f"{EVENTS} has {used} of at most {cap} consumers"
    if cap - used < FEW_CONSUMERS:
        return failed(text, f"raise it: nats stream edit {EVENTS} --max-consumers=20000")
    return ok(text)


async def check_bridge(url: str) -> Check:
    """Whether the bridge at `url` is there and serves streams."""
    try:
        async with httpx2.AsyncClient(timeout=ANSWER_SECONDS) as client:
            answer = await client.get(f"{url.rstrip('/')}/readyz")
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        return failed(
            f"no bridge answers at {url}: {error or type(error).__name__}",
            "start one with `jetbridge serve`, or say where it is with --url",
        )
    if answer.status_code == HTTPStatus.OK:
        return ok(f"the bridge at {url} is ready")
    return failed(
        f"the bridge at {url} is not ready: {answer.status_code} {answer.text[:200]}",
        "its log says why",
    )
