"""The headers of a NATS message, as they come over the wire. Pure."""

from __future__ import annotations

CRLF = b"\r\n"
VERSION = b"NATS/1.0"


def parse_headers(raw: bytes) -> dict[str, str] | None:
    """The headers by name, those of equal names as the last one says; None if there are none.

    What stands in the first line (`NATS/1.0 404 No Messages`) becomes `Status` and
    `Description`, as in nats-py. Raises nothing: the server does not look into headers, so
    a line that is no header is left out, and bytes that are no UTF-8 are replaced.
    """
    first, _, rest = raw.partition(CRLF)
    headers = _status(first)
    for line in rest.split(CRLF):
        name, colon, value = line.partition(b":")
        if colon and name.isascii():
            headers[name.strip().decode()] = value.strip().decode(errors="replace")
    return headers or None


def _status(first_line: bytes) -> dict[str, str]:
    if len(first_line) <= len(VERSION) or not first_line.startswith(VERSION):
        return {}
    status, _, description = first_line[len(VERSION) :].strip().partition(b" ")
    if not status.isdigit():
        return {}
    told = {"Status": status.decode()}
    if description:
        told["Description"] = description.strip().decode(errors="replace")
    return told
