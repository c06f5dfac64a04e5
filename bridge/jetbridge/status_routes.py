"""How the bridge is: statistics for people, probes for machines."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jetbridge.cluster import Cluster
from jetbridge.hub import Hub
from jetbridge.link import Link
from jetbridge.settings import Settings
from jetbridge.statistics import merge
from jetbridge.stream_request import RequestError
from jetbridge.streams import Streams
from jetbridge.tail import Tail
from jetbridge_schemas.version import __version__


class StatusRoutes:
    """Answers `status`, `/health`, `/livez`, `/readyz`, and `/`."""

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        streams: Streams,
        tail: Tail,
        link: Link,
        *,
        cluster: Cluster,
    ) -> None:
        self._settings = settings
        self._cluster = cluster
        self._hub = hub
        self._streams = streams
        self._tail = tail
        self._link = link

    def routes(self) -> list[Route]:
        """The routes."""
        prefix = self._settings.api_prefix
        return [
            Route("/", self.index),
            Route(f"{prefix}/status", self.status),
            Route("/health", self.health),
            Route("/livez", self.livez),
            Route("/readyz", self.readyz),
        ]

    async def index(self, _: Request) -> Response:
        """Where things are."""
        prefix = self._settings.api_prefix
        return answer(
            {
                "name": "jetbridge",
                "version": __version__,
                "streams": [f"{prefix}/events", f"{prefix}/agents/{{id}}", f"{prefix}/jobs/{{id}}"],
                "status": f"{prefix}/status",
                "health": "/health",
            }
        )

    async def status(self, request: Request) -> Response:
        """Statistics over all replicas, in the form of the process heat streaming guide."""
        local = wants_local(request.query_params)
        survey = self._cluster.alone() if local else await self._cluster.survey()
        return answer(merge(survey, shown_settings(self._settings)))

    async def health(self, _: Request) -> Response:
        """For people: what works and what does not. 503 if not everything does."""
        troubles = self._troubles()
        body = {
            "status": "degraded" if troubles else "ok",
            "version": __version__,
            "nats": "connected" if self._link.up else "disconnected",
            "tail": "flowing" if self._tail.flowing else "waiting",
            "last_seq": self._hub.ring.head,
            "troubles": troubles,
        }
        return answer(body, HTTPStatus.SERVICE_UNAVAILABLE if troubles else HTTPStatus.OK)

    async def livez(self, _: Request) -> Response:
        """Answers as long as the process does."""
        return answer({"status": "ok"})

    async def readyz(self, _: Request) -> Response:
        """200 if new clients are welcome."""
        troubles = self._troubles()
        if troubles:
            return answer(
                {"status": "not ready", "troubles": troubles}, HTTPStatus.SERVICE_UNAVAILABLE
            )
        return answer({"status": "ready"})

    def _troubles(self) -> list[str]:
        checks = {
            "draining": self._streams.draining,
            "NATS is away": not self._link.up,
            "the tail waits for the stream": not self._tail.flowing,
        }
        return [name for name, present in checks.items() if present]


def wants_local(query: QueryParams) -> bool:
    """Whether only this replica is asked for. Raises RequestError for an unknown scope."""
    scope = query.get("scope", "all")
    if scope not in {"all", "local"}:
        raise RequestError(f"scope={scope!r} is unknown", hint="it is `all` or `local`")
    return scope == "local"


def shown_settings(settings: Settings) -> dict[str, object]:
    """The settings that the guide shows in the status."""
    return {
        "heartbeat_interval_seconds": settings.heartbeat_interval_seconds,
        "client_timeout_seconds": settings.client_timeout_seconds,
        "max_clients_per_stream": settings.max_clients_per_stream,
        "max_queue_size": settings.max_queue_size,
        "max_event_history": settings.max_event_history,
        "enable_heartbeat": settings.enable_heartbeat,
    }


def answer(body: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A JSON answer that nobody keeps."""
    return Response(
        msgspec.json.encode(body),
        status,
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
