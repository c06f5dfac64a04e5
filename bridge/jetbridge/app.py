"""`create_app`: the one place where HTTP meets the bridge."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from jetbridge.bridge import Bridge
from jetbridge.problems import bad_request, http_error, server_error
from jetbridge.settings import Settings
from jetbridge.status_routes import StatusRoutes
from jetbridge.stream_routes import StreamRoutes
from jetbridge_schemas.errors import JetbridgeError


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
    status = StatusRoutes(settings, bridge.hub, bridge.streams, bridge.tail, bridge.link)
    app = Starlette(
        routes=[*status.routes(), *streams.routes()],
        middleware=middleware(settings),
        exception_handlers={
            HTTPException: http_error,
            JetbridgeError: bad_request,
            Exception: server_error,
        },
        lifespan=lifespan,
    )
    app.state.bridge = bridge
    return app


def middleware(settings: Settings) -> list[Middleware]:
    """CORS for the origins that are allowed, if any."""
    if not settings.allowed_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Last-Event-ID", "Cache-Control", "Authorization", "Content-Type"],
            expose_headers=["Retry-After", "Link"],
        )
    ]
