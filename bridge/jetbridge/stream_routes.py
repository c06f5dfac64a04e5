"""The stream routes: global, agent, job."""

from __future__ import annotations

import time
from functools import partial
from http import HTTPStatus
from random import Random
from urllib.parse import quote, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jetbridge.connect_rate import ConnectRate
from jetbridge.direct import takes_over
from jetbridge.direct_response import DirectStream
from jetbridge.direct_sink import DirectSink
from jetbridge.hub import Hub
from jetbridge.id_route import IdRoute, path_id
from jetbridge.jetstream import STREAM_NOT_FOUND, JetStreamError, JetStreamUnavailableError
from jetbridge.lifetime import Lifetime
from jetbridge.link import LinkDownError
from jetbridge.pages import Pages
from jetbridge.problems import NOT_KEPT, unavailable
from jetbridge.pull import ConsumerLostError
from jetbridge.settings import Settings
from jetbridge.sinks import QueueSink
from jetbridge.sse_response import STREAM_HEADERS, STREAM_TYPE, EventStream
from jetbridge.stream_request import StreamRequest, parse_stream_request, wants_page
from jetbridge.streams import StreamEndedError, Streams, UnavailableError
from jetbridge.subscriber import Sink, Subscriber
from jetbridge.ticker import Ticker
from jetbridge.views import JOB_DEFAULT_TYPES, View, agent_view, global_view, job_view
from jetbridge_schemas.reasons import UnavailableReason
from jetbridge_schemas.subjects import DEFAULT_TENANT

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
        self._connect_rate = ConnectRate(settings.connect_rate_per_address)
        self._lifetime = Lifetime(max_seconds=settings.max_stream_seconds, random=Random())  # noqa: S311
        self._gone = self._leave  # bound once for all clients, who are many

    def routes(self) -> list[Route]:
        """The routes, below the prefix of the settings."""
        prefix = self._settings.api_prefix
        return [
            Route(f"{prefix}/events", self.events),
            IdRoute(f"{prefix}/agents", self.agent, id_name="agent_id"),
            IdRoute(f"{prefix}/jobs", self.job, id_name="job_id"),
        ]

    async def events(self, request: Request) -> Response:
        """Every event."""
        return await self._answer(request, global_view(DEFAULT_TENANT))

    async def agent(self, request: Request) -> Response:
        """The events of one agent, its jobs included."""
        view = agent_view(DEFAULT_TENANT, path_id(request, "agent_id"))
        return await self._answer(request, view)

    async def job(self, request: Request) -> Response:
        """The progress of one job; all its events with `event_types=*`."""
        view = job_view(DEFAULT_TENANT, path_id(request, "job_id"))
        return await self._answer(request, view, JOB_DEFAULT_TYPES)

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
            return await self._stream(request, wanted)
        except StreamEndedError:
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=NOT_KEPT)
        except UnavailableError as error:
            return unavailable(request, error.reason, error)
        except (JetStreamUnavailableError, ConsumerLostError, LinkDownError) as error:
            return unavailable(request, UnavailableReason.NATS_UNREACHABLE, error)
        except JetStreamError as error:
            missing = error.code == STREAM_NOT_FOUND
            reason = UnavailableReason.STREAM_MISSING if missing else UnavailableReason.SERVER_ERROR
            return unavailable(request, reason, error)

    async def _stream(self, request: Request, wanted: StreamRequest) -> Response:
        if request.method == "HEAD":
            return Response(headers=STREAM_HEADERS, media_type=STREAM_TYPE)
        self._check_rate(request)
        take_over = takes_over(request.scope)
        timeout = self._settings.client_timeout_seconds
        if take_over is not None:
            sink = DirectSink(timeout_seconds=timeout)
            sink.on_end(self._gone, await self._open(wanted, sink))
            return DirectStream(sink, take_over)
        queue = QueueSink()
        return EventStream(
            queue,
            on_end=partial(self._gone, await self._open(wanted, queue)),
            timeout_seconds=timeout,
            drain_seconds=self._settings.drain_seconds + DRAIN_MARGIN_SECONDS,
        )

    def _check_rate(self, request: Request) -> None:
        address = request.client.host if request.client else ""
        if not self._connect_rate.admit(address, time.monotonic()):
            limit = self._settings.connect_rate_per_address
            raise UnavailableError(
                UnavailableReason.CAPACITY,
                f"connect_rate_per_address={limit} streams a minute are opened from {address}",
            )

    async def _open(self, wanted: StreamRequest, sink: Sink) -> Subscriber:
        """Begin to serve a client; `_gone` is to be called when it has gone."""
        subscriber = await self._streams.open(wanted, sink)
        self._ticker.add(subscriber)
        self._lifetime.begin(subscriber)
        return subscriber

    def _leave(self, subscriber: Subscriber) -> None:
        self._ticker.remove(subscriber)
        self._lifetime.end(subscriber)
        self._hub.leave(subscriber)

    async def _page(self, request: Request, wanted: StreamRequest) -> Response:
        page = await self._pages.read(wanted)
        link = f'<{following(request, page.next)}>; rel="next"'
        return Response(
            msgspec.json.encode(page),
            headers={**NOT_KEPT, "Link": link},
            media_type="application/json",
        )


POSITIONS = {"from", "since", "last_event_id"}


def following(request: Request, sequence: int) -> str:
    """The path and query of the same request, beginning with `sequence`."""
    pairs = [pair for pair in request.query_params.multi_items() if pair[0] not in POSITIONS]
    return f"{quote(request.scope['path'])}?{urlencode([*pairs, ('from', sequence)])}"
