"""One request to a receiver, within a time, and what became of it."""

from __future__ import annotations

import http.client
import ssl
from contextlib import suppress

from memscope.errors import one_line
from memscope.pushing.destinations import PushReceiver
from memscope.pushing.messages import Message
from memscope.version import __version__

TIMEOUT_S = 10.0  # of each step: to connect, to send, to be answered
_MOST_ANSWER_BYTES = 512
_TRY_AGAIN = frozenset({408, 425, 429})  # and all from 500 on


class NotTakenError(Exception):
    """It was not taken; `again` says whether it may be later, `after_s` when at the earliest."""

    def __init__(self, reason: str, *, again: bool, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.again = again
        self.after_s = after_s


def post(destination: PushReceiver, message: Message, timeout_s: float = TIMEOUT_S) -> None:
    """Raises NotTakenError. No redirection is followed: credentials are for this receiver."""
    headers = {
        "Content-Type": message.content_type,
        "User-Agent": f"memscope/{__version__}",
        **destination.headers,
    }
    connection = _connection(destination, timeout_s)
    try:
        connection.request("POST", message.path, message.body, headers)
        answer = connection.getresponse()
        text = answer.read(_MOST_ANSWER_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise NotTakenError(one_line(f"{reason}".lower()), again=True) from None
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        again = answer.status >= 500 or answer.status in _TRY_AGAIN
        said = one_line(text.strip().partition("\n")[0][:100])
        reason = f"{answer.status} {one_line(answer.reason)}{f': {said}' if said else ''}"
        raise NotTakenError(reason, again=again, after_s=_retry_after(answer))


def _connection(destination: PushReceiver, timeout_s: float) -> http.client.HTTPConnection:
    if destination.secure:
        return http.client.HTTPSConnection(
            destination.host,
            destination.port,
            timeout=timeout_s,
            context=ssl.create_default_context(),
        )
    return http.client.HTTPConnection(destination.host, destination.port, timeout=timeout_s)


def _retry_after(answer: http.client.HTTPResponse) -> float:
    with suppress(ValueError):
        return min(max(float(answer.getheader("Retry-After", "0")), 0.0), 3600.0)
    return 0.0
