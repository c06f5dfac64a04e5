"""`create_app`: the one place where HTTP meets the bridge."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from jetbridge.bridge import Bridge
from jetbridge.client_routes import ClientRoutes
from jetbridge.failures import FailureMiddleware
from jetbridge.filters import FilterError
from jetbridge.positions import PositionError
from jetbridge.problems import bad_request, http_error
from jetbridge.settings import Settings
from jetbridge.status_routes import StatusRoutes
from jetbridge.stream_request import RequestError
from jetbridge.stream_routes import StreamRoutes


def create_app(settings: Settings | None = None) -> Starlette:
    """The bridge as an ASGI application, to be served by itself or mounted in another.

    It connects to NATS when its lifespan starts, and raises JetbridgeError then if NATS or
    the stream is not as the settings ask. `app.state.bridge` is the running Bridge.
    """
    settings = settings or Settings()
    bridge = Bridge(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        try:
            await bridge.start()
            yield
        finally:
            await bridge.stop()

    streams = StreamRoutes(settings, bridge.hub, bridge.streams, bridge.pages, bridge.ticker)
    status = StatusRoutes(
        settings, bridge.hub, bridge.streams, bridge.tail, bridge.link, cluster=bridge.cluster
    )
    clients = ClientRoutes(settings, bridge.durability.accounts)
    app = Starlette(
        routes=[*status.routes(), *streams.routes(), *clients.routes()],
        middleware=middleware(settings),
        exception_handlers={
            HTTPException: http_error,
            RequestError: bad_request,
            PositionError: bad_request,
            FilterError: bad_request,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.bridge = bridge
    return app


def middleware(settings: Settings) -> list[Middleware]:
    """CORS for the origins that are allowed, if any, and an answer when the bridge fails."""
    failures = Middleware(FailureMiddleware)
    if not settings.allowed_origins:
        return [failures]
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Last-Event-ID", "Cache-Control", "Authorization", "Content-Type"],
            expose_headers=["Retry-After", "Link"],
        ),
        failures,
    ]
