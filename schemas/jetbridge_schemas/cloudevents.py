"""CloudEvents 1.0: the `data` of a structured event that came in, and structured events going out.

JSON event format: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

import binascii
from base64 import b64decode
from urllib.parse import quote

import msgspec

from jetbridge_schemas.errors import PayloadError
from jetbridge_schemas.reasons import DeadLetterReason


class _Envelope(msgspec.Struct):
    specversion: str
    datacontenttype: str | None = None
    data: msgspec.Raw = msgspec.Raw()
    data_base64: str | None = None


_envelope_decoder = msgspec.json.Decoder(_Envelope)


def structured_data(json: bytes) -> tuple[bytes, str]:
    """Return the data of a structured CloudEvent and its content type, "" for JSON.

    `json` is valid JSON. Raises PayloadError(bad_encoding) when it is no CloudEvent 1.x, or has
    no data.
    """
    try:
        event = _envelope_decoder.decode(json)
    except msgspec.MsgspecError as error:
        raise _refused(str(error)) from error
    if not event.specversion.startswith("1."):
        raise _refused(f"specversion is {event.specversion[:20]!r}, not 1.0")
    if event.data_base64 is not None:
        return _from_base64(event.data_base64), event.datacontenttype or ""
    if not bytes(event.data):
        raise _refused("it has neither `data` nor `data_base64`")
    return bytes(event.data), ""


def structured_event(
    *, sequence: int, agent: str, job: str | None, type: str, time: str, data_json: bytes
) -> bytes:
    """Return one line of JSON: the event as a structured CloudEvent (contract section 4).

    `data_json` is compact JSON and goes in as it is; `time` is RFC 3339.
    """
    attributes: dict[str, str] = {
        "specversion": "1.0",
        "id": str(sequence),
        "source": "/agents/" + quote(agent, safe=":"),
        "type": type,
        "time": time,
        "datacontenttype": "application/json",
    }
    if job is not None:
        attributes["subject"] = job
    return b'%b,"data":%b}' % (msgspec.json.encode(attributes)[:-1], data_json)


def _from_base64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused(f"`data_base64` is not base64: {error}") from error


def _refused(problem: str) -> PayloadError:
    return PayloadError(DeadLetterReason.BAD_ENCODING, f"not a CloudEvent with data: {problem}")
