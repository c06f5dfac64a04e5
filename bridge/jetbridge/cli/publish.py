"""`jetbridge publish`: one event from the command line, or many as JSON lines."""

from __future__ import annotations

import asyncio
import sys

import msgspec

from jetbridge.bridge import nats_options
from jetbridge.cli.complaints import UsageError
from jetbridge.cli.nats_session import NATS_FLAGS
from jetbridge.cli.publish_lines import Line, LinePublisher
from jetbridge.cli.setting_flags import Given, with_setting_flags
from jetbridge.cli.standard_input import chunks_of_standard_input
from jetbridge.settings import Settings
from jetbridge_publishers.publisher import Publisher
from jetbridge_schemas.subjects import DEFAULT_TENANT

EXAMPLE = """jetbridge publish --agent agent:001 note '{"text":"hello"}'"""
LINE_EXAMPLE = '{"agent":"agent:001","type":"note","data":{"text":"hello"}}'

PATIENCE_SECONDS = 10.0
"""How long one event may wait for an outage to end while a person watches."""

LINES_PATIENCE_SECONDS = 60.0


@with_setting_flags(only=NATS_FLAGS)
def publish(
    given: Given,
    event_type: str | None = None,
    data: str | None = None,
    /,
    *,
    agent: str = "",
    job: str = "",
    id: str = "",
    tenant: str = DEFAULT_TENANT,
) -> int:
    """Publish one event, TYPE and its JSON; or JSON lines from standard input.

    One event: prints the sequence under which it is stored. Lines, each
    `{"agent","job"?,"type","data","id"?}`: a bad line is told with its number and makes
    the exit code 1, the others are published all the same.

    Parameters
    ----------
    event_type
        The type of the event, such as agent.status or a name of your own.
    data
        The event itself, one JSON object.
    agent
        The agent it comes from.
    job
        The job it belongs to.
    id
        Makes publishing idempotent: the same id is stored once within two minutes.
    tenant
        Whose events they are.
    """
    settings = given.load()
    if event_type is None:
        return _publish_lines(settings, tenant, given_flags=bool(agent or job or id))
    if not agent or data is None:
        missing = "--agent" if not agent else "the event itself, a JSON object"
        raise UsageError(f"publish needs {missing}", hint=EXAMPLE)
    line = Line(agent=agent, type=event_type, data=_object(data), job=job or None, id=id or None)
    print(asyncio.run(_publish_one(settings, tenant, line)))
    return 0


async def _publish_one(settings: Settings, tenant: str, line: Line) -> int:
    options = nats_options(settings)
    async with Publisher(options, tenant=tenant, retry_seconds=PATIENCE_SECONDS) as publisher:
        return await line.emit(publisher)


def _publish_lines(settings: Settings, tenant: str, *, given_flags: bool) -> int:
    if given_flags:
        raise UsageError("--agent, --job and --id belong to an event's TYPE", hint=EXAMPLE)
    if sys.stdin.isatty():
        raise UsageError(
            "nothing to publish",
            hint=f"{EXAMPLE}, or lines such as {LINE_EXAMPLE} on standard input",
        )
    return asyncio.run(_lines(settings, tenant))


async def _lines(settings: Settings, tenant: str) -> int:
    options = nats_options(settings)
    wait = LINES_PATIENCE_SECONDS
    async with Publisher(options, tenant=tenant, retry_seconds=wait) as publisher:
        lines = LinePublisher(publisher)
        async for chunk in chunks_of_standard_input():
            await lines.feed(chunk)
        await lines.finish()
    print(lines.summary(), file=sys.stderr)
    return 1 if lines.refused else 0


def _object(text: str) -> dict[str, object]:
    try:
        return msgspec.json.decode(text, type=dict[str, object])
    except msgspec.MsgspecError as error:
        raise UsageError(f"the event is not one JSON object: {error}", hint=EXAMPLE) from error
