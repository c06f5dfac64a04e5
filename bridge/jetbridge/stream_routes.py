"""The stream routes: global, agent, job."""

from __future__ import annotations

import time
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jetbridge.hub import Hub
from jetbridge.jetstream import STREAM_NOT_FOUND, JetStreamError, JetStreamUnavailableError
from jetbridge.pages import Pages
from jetbridge.problems import unavailable
from jetbridge.settings import Settings
from jetbridge.sse_response import EventStream
from jetbridge.stream_request import StreamRequest, parse_stream_request, wants_page
from jetbridge.streams import StreamEndedError, Streams, UnavailableError
from jetbridge.ticker import Ticker
from jetbridge.views import JOB_DEFAULT_TYPES, View, agent_view, global_view, job_view
from jetbridge_schemas.reasons import UnavailableReason
from jetbridge_schemas.subjects import DEFAULT_TENANT, encode_id

DRAIN_MARGIN_SECONDS = 1.0


class StreamRoutes:
    """Answers requests for streams, as events or as pages."""

    def __init__(
        self, settings: Settings, hub: Hub, streams: Streams, pages: Pages, ticker: Ticker
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._streams = streams
        self._pages = pages
        self._ticker = ticker

    def routes(self) -> list[Route]:
        """The routes, below the prefix of the settings."""
        prefix = self._settings.api_prefix
        return [
            Route(f"{prefix}/events", self.events),
            Route(f"{prefix}/agents/{{agent_id:path}}", self.agent),
            Route(f"{prefix}/jobs/{{job_id:path}}", self.job),
        ]

    async def events(self, request: Request) -> Response:
        """Every event."""
        return await self._answer(request, global_view(DEFAULT_TENANT))

    async def agent(self, request: Request) -> Response:
        """The events of one agent, its jobs included."""
        agent = str(request.path_params["agent_id"])
        encode_id(agent)
        return await self._answer(request, agent_view(DEFAULT_TENANT, agent))

    async def job(self, request: Request) -> Response:
        """The progress of one job; all its events with `event_types=*`."""
        job = str(request.path_params["job_id"])
        encode_id(job)
        return await self._answer(request, job_view(DEFAULT_TENANT, job), JOB_DEFAULT_TYPES)

    async def _answer(
        self, request: Request, view: View, default_types: frozenset[str] | None = None
    ) -> Response:
        wanted = parse_stream_request(
            view,
            request.query_params,
            request.headers,
            default_types=default_types,
            now_ns=time.time_ns(),
        )
        try:
            if wants_page(request.headers.get("accept", "")):
                return await self._page(request, wanted)
            return await self._stream(wanted)
        except StreamEndedError:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        except UnavailableError as error:
            return unavailable(request, error.reason, error)
        except JetStreamUnavailableError as error:
            return unavailable(request, UnavailableReason.NATS_UNREACHABLE, error)
        except JetStreamError as error:
            missing = error.code == STREAM_NOT_FOUND
            reason = UnavailableReason.STREAM_MISSING if missing else UnavailableReason.SERVER_ERROR
            return unavailable(request, reason, error)

    async def _stream(self, wanted: StreamRequest) -> Response:
        opened = await self._streams.open(wanted)
        self._ticker.add(opened.subscriber)
        return EventStream(
            opened.sink.chunks(),
            on_end=lambda: self._hub.leave(opened.subscriber),
            timeout_seconds=self._settings.client_timeout_seconds,
            drain_seconds=self._settings.drain_seconds + DRAIN_MARGIN_SECONDS,
        )

    async def _page(self, request: Request, wanted: StreamRequest) -> Response:
        page = await self._pages.read(wanted)
        following = request.url.include_query_params(**{"from": page.next})
        link = f'<{following.path}?{following.query}>; rel="next"'
        return Response(
            msgspec.json.encode(page),
            headers={"Cache-Control": "no-store", "Link": link},
            media_type="application/json",
        )
