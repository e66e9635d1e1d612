"""Where profiles go to, and by which right."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from memscope.plain import dataclass, field
from memscope.serving.secretfiles import secret_line

Kind = Literal["pyroscope", "pprof"]
KINDS: tuple[Kind, ...] = get_args(Kind)

CREDENTIALS_VARIABLE = "MEMSCOPE_PUSH_CREDENTIALS"
TENANT_VARIABLE = "MEMSCOPE_PUSH_TENANT"
_MOST_CREDENTIALS = 4096
_NEAR = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class PushReceiver:
    """A receiver. `headers` are secret: nobody is to see them, in a traceback neither."""

    kind: Kind
    secure: bool
    host: str
    port: int
    path: str  # with what was asked for behind it
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """As people may see it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.secure else ''}://{host}:{self.port}"


def destination_of(
    url: str, kind: Kind, credentials: Path | None, environment: Mapping[str, str]
) -> PushReceiver:
    """Raises ValueError, in words, for what is no address, or lets secrets be seen."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{url!r} is no URL: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no URL such as http://localhost:4040")
    if parts.username is not None or parts.password is not None:
        # Not repeated here: it would be in a log then, too.
        raise ValueError(
            "all users see what is in a URL: put credentials into a file, or into"
            f" {CREDENTIALS_VARIABLE}"
        )
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"{url!r} is no URL: percent-encode what is not plain")
    try:
        parts.hostname.encode("idna")  # as whoever looks it up does
    except UnicodeError:
        raise ValueError(f"{url!r} is no URL: no host is called so") from None
    secure = parts.scheme == "https"
    headers = _headers(credentials, environment)
    if headers and not secure and parts.hostname not in _NEAR:
        raise ValueError("credentials go by https alone, or to this machine")
    path = parts.path.rstrip("/")
    if kind == "pyroscope" and not path.endswith("/ingest"):
        path += "/ingest"
    query = f"?{parts.query}" if parts.query else ""
    default = 443 if secure else 80
    return PushReceiver(
        kind, secure, parts.hostname, port or default, (path or "/") + query, headers
    )


def _headers(file: Path | None, environment: Mapping[str, str]) -> dict[str, str]:
    found = {}
    words = _credentials(file, environment)
    if words:
        # NAME:PASSWORD, as Grafana Cloud has it, or a token.
        basic = f"Basic {base64.b64encode(words.encode()).decode()}"
        found["Authorization"] = basic if ":" in words else f"Bearer {words}"
    tenant = environment.get(TENANT_VARIABLE, "")
    if tenant:
        if not tenant.isascii() or not tenant.isprintable():
            raise ValueError(f"{TENANT_VARIABLE} is no plain name")
        found["X-Scope-OrgID"] = tenant
    return found


def _credentials(file: Path | None, environment: Mapping[str, str]) -> str:
    if file is None:
        words, where = environment.get(CREDENTIALS_VARIABLE, ""), CREDENTIALS_VARIABLE
    else:
        words, where = secret_line(file, _MOST_CREDENTIALS), str(file)
        if not words:
            raise ValueError(f"{where} is empty")
    if len(words) > _MOST_CREDENTIALS or not words.isascii() or not (words + "x").isprintable():
        raise ValueError(f"{where}: credentials are plain characters, NAME:PASSWORD or a token")
    return words
