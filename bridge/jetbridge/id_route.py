"""A route whose last part is an id, which may hold anything."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jetbridge.stream_request import check_id


class IdRoute(Route):
    """`<path>/<id>`, the id being all that follows, slashes and line ends included.

    Starlette's `{id:path}` does not know an id with a line end in it, and takes one with a
    line end after it for the id without: somebody else's.
    """

    def __init__(
        self, path: str, endpoint: Callable[[Request], Awaitable[Response]], *, id_name: str
    ) -> None:
        super().__init__(f"{path}/{{{id_name}:path}}", endpoint)
        self.path_regex = re.compile(f"{re.escape(path)}/(?P<{id_name}>.*)", re.DOTALL)


def path_id(request: Request, name: str) -> str:
    """The id in the path. Raises RequestError for one that no subject can carry."""
    id = str(request.path_params[name])
    check_id(name, id)
    return id
