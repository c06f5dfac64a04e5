"""The routes about durable clients: show one, forget one, take its acks."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from jetbridge.client_accounts import AckError, ClientAccounts, UnknownClientError
from jetbridge.cursor_keys import ClientKey
from jetbridge.cursor_store import StoreMissingError
from jetbridge.id_route import path_id
from jetbridge.jetstream import JetStreamError, JetStreamUnavailableError
from jetbridge.positions import MAX_SEQUENCE, parse_sequence
from jetbridge.problems import NOT_KEPT, problem, unavailable
from jetbridge.settings import Settings
from jetbridge.stream_request import RequestError
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import UnavailableReason
from jetbridge_schemas.subjects import DEFAULT_TENANT

MAX_BODY_BYTES = 1024


class BodyTooLargeError(JetbridgeError):
    """A body that no ack needs."""


class Ack(msgspec.Struct):
    """The body of an ack. `id` may be text: that is how `EventSource` gives it."""

    id: int | str
    cursor: str | None = None


class ClientRoutes:
    """Answers requests about the cursors of one client."""

    def __init__(self, settings: Settings, accounts: ClientAccounts) -> None:
        self._settings = settings
        self._accounts = accounts

    def routes(self) -> list[Route]:
        """The routes, below the prefix of the settings."""
        path = f"{self._settings.api_prefix}/clients"
        return [
            ClientRoute(path, "/ack", self.ack, methods=["POST"]),
            ClientRoute(path, "", self.show, methods=["GET"]),
            ClientRoute(path, "", self.forget, methods=["DELETE"]),
        ]

    async def show(self, request: Request) -> Response:
        """All cursors of the client."""

        async def work(client: ClientKey) -> Response:
            body = msgspec.json.encode(await self._accounts.describe(client))
            return Response(body, headers=NOT_KEPT, media_type="application/json")

        return await answer(request, work)

    async def forget(self, request: Request) -> Response:
        """Delete all cursors of the client."""

        async def work(client: ClientKey) -> Response:
            await self._accounts.forget(client)
            return Response(status_code=HTTPStatus.NO_CONTENT)

        return await answer(request, work)

    async def ack(self, request: Request) -> Response:
        """Move the client's cursor; it is stored with the next checkpoint."""

        async def work(client: ClientKey) -> Response:
            ack = parse_ack(await read_body(request))
            await self._accounts.ack(client, sequence_of(ack), ack.cursor)
            return Response(status_code=HTTPStatus.NO_CONTENT)

        return await answer(request, work)


class ClientRoute(Route):
    """`<path>/<client id><end>`, the id being all that is between, slashes included."""

    def __init__(
        self,
        path: str,
        end: str,
        endpoint: Callable[[Request], Awaitable[Response]],
        *,
        methods: list[str],
    ) -> None:
        super().__init__(f"{path}/{{client_id:path}}{end}", endpoint, methods=methods)
        pattern = f"{re.escape(path)}/(?P<client_id>.*){re.escape(end)}"
        self.path_regex = re.compile(pattern, re.DOTALL)


async def answer(request: Request, work: Callable[[ClientKey], Awaitable[Response]]) -> Response:
    """What `work` answers for the client in the path, or what is wrong."""
    try:
        return await work(ClientKey(DEFAULT_TENANT, "", path_id(request, "client_id")))
    except UnknownClientError as error:
        return problem(HTTPStatus.NOT_FOUND, error)
    except AckError as error:
        return problem(HTTPStatus.CONFLICT, error)
    except BodyTooLargeError as error:
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error)
    except JetStreamUnavailableError as error:
        return unavailable(request, UnavailableReason.NATS_UNREACHABLE, error)
    except (JetStreamError, StoreMissingError) as error:
        return unavailable(request, UnavailableReason.SERVER_ERROR, error)


async def read_body(request: Request) -> bytes:
    """The body. Raises BodyTooLargeError as soon as it is longer than an ack can be."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise BodyTooLargeError(f"the body is over {MAX_BODY_BYTES} bytes")
    except ClientDisconnect as error:
        raise RequestError("the body ended too early") from error
    return body


def parse_ack(body: bytes) -> Ack:
    """Read the body of an ack. Raises RequestError for anything else."""
    try:
        return msgspec.json.decode(body, type=Ack)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(
            f"the body is no ack: {error}", hint='for example {"id": 1767225600000042}'
        ) from error


def sequence_of(ack: Ack) -> int:
    """The id in an ack. Raises RequestError for what is no event id."""
    if isinstance(ack.id, str):
        return parse_sequence("id", ack.id)
    if not 0 <= ack.id <= MAX_SEQUENCE:
        raise RequestError(f"id={ack.id} is not an event id")
    return ack.id
