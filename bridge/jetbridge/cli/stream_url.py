"""The URL of a stream, from what a person asked for. Pure."""

from __future__ import annotations

from urllib.parse import quote

import httpx2

from jetbridge.cli.complaints import UsageError


def stream_url(
    base: str,
    *,
    agent: str = "",
    job: str = "",
    types: str = "",
    since: str = "",
    api_prefix: str = "/api/v1/stream",
) -> str:
    """The stream of one agent, of one job, or of everything, with its filters.

    Raises UsageError when both an agent and a job are named, or `base` is no URL.
    """
    if agent and job:
        raise UsageError("--agent and --job name different streams", hint="leave one of them out")
    if not base.startswith(("http://", "https://")):
        raise UsageError(f"{base!r} is not a URL", hint="for example http://127.0.0.1:8000")
    given = {"event_types": types, "since": since}
    query = httpx2.QueryParams({name: value for name, value in given.items() if value})
    path = base.rstrip("/") + api_prefix + _path(agent, job)
    return f"{path}?{query}" if query else path


def _path(agent: str, job: str) -> str:
    if agent:
        return f"/agents/{_segment(agent)}"
    return f"/jobs/{_segment(job)}" if job else "/events"


def _segment(text: str) -> str:
    # Dots are legal in a path, but `.` and `..` alone would be resolved away.
    return quote(text, safe="").replace(".", "%2E")
