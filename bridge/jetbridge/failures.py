"""What a client gets when the bridge itself fails."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jetbridge.problems import server_error


class FailureMiddleware:
    """Answers for an error that nothing else has answered for.

    It stands inside the CORS middleware, unlike Starlette's own: without CORS headers a
    page of another origin could not read the answer, and its `EventSource` would end for good.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, as ASGI."""
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            answer = server_error(Request(scope), error)
            await answer(scope, receive, send)
