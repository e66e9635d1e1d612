"""Where to listen, and who may ask: addresses, names in Host headers, tokens."""

from __future__ import annotations

import hmac
import ipaddress
import os
import socket
import stat
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from memscope.errors import MemscopeError
from memscope.plain import dataclass
from memscope.serving.secretfiles import secret_line

TOKEN_VARIABLE = "MEMSCOPE_SERVE_TOKEN"
LEAST_TOKEN = 16  # characters
MOST_TOKEN = 1024
_WAITING = 128  # connections that the kernel holds for us
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Door:
    """A socket that listens, and who may come in.

    `names` are the hosts that requests may be for; empty: all, since a token is asked for.
    """

    socket: socket.socket
    url: str
    names: frozenset[str]
    token: bytes  # empty: none is asked for
    path: Path | None = None  # of a unix socket

    def admits_host(self, host: str) -> bool:
        """Whether the value of a Host header names us. A name that leads here from elsewhere, as a
        page in a browser may arrange, does not.
        """
        name = host.rpartition(":")[0] if _has_port(host) else host
        name = name.removeprefix("[").removesuffix("]").lower()
        return bool(name) and (not self.names or name in self.names)

    def admits_token(self, authorization: str) -> bool:
        """Whether an Authorization header has the token: Bearer, or Basic with any user name."""
        if not self.token:
            return True
        scheme, _, rest = authorization.partition(" ")
        given = b""
        if scheme.lower() == "bearer":
            given = rest.strip().encode("latin-1", "replace")
        elif scheme.lower() == "basic":
            with suppress(ValueError):
                given = b64decode(rest.strip(), validate=True).partition(b":")[2]
        return hmac.compare_digest(given, self.token)

    def close(self) -> None:
        self.socket.close()
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()


def open_door(address: str, token: bytes = b"") -> Door:
    """Listen at HOST:PORT (port 0: any that is free), :PORT or unix:PATH.

    Raises ValueError, with a reason in words, where it is no such address, or one that others can
    reach and no token is set; MemscopeError where it cannot be had.
    """
    if address.startswith("unix:"):
        return _open_unix(address.removeprefix("unix:"), token)
    host, port = _parted(address)
    local = _is_loopback(host)
    if not local and not token:
        raise ValueError(
            f"{address!r} can be reached from elsewhere: that takes a token"
            f" (--serve-token-file, or {TOKEN_VARIABLE} in the environment)"
        )
    listening = None
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_WAITING)
    except (OSError, UnicodeError) as error:
        if listening is not None:
            listening.close()
        raise MemscopeError(f"cannot listen at {address}: {_reason(error)}") from error
    listening.setblocking(False)
    port = listening.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    names = frozenset[str]() if token else _LOCAL_NAMES | {host.lower()}
    return Door(listening, f"http://{shown}:{port}", names, token)


def _open_unix(name: str, token: bytes) -> Door:
    if not name or "\0" in name:
        raise ValueError("unix: needs the path of a socket")
    path = Path(os.path.abspath(name))
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        # Others must not come in between here and a change of the mode.
        before = os.umask(0o177)
        try:
            listening.bind(str(path))
        finally:
            os.umask(before)
        listening.listen(_WAITING)
    except OSError as error:
        listening.close()
        raise MemscopeError(f"cannot listen at unix:{name}: {_reason(error)}") from error
    listening.setblocking(False)
    return Door(listening, f"unix:{path}", _LOCAL_NAMES, token, path)


def _remove_stale(path: Path) -> None:
    """Remove a socket that nobody listens at any more; never another file."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trying:
        trying.settimeout(1.0)
        try:
            trying.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()


def _reason(error: OSError | UnicodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is no host"


def _parted(address: str) -> tuple[str, int]:
    host, colon, digits = address.rpartition(":")
    if not colon or not digits.isascii() or not digits.isdecimal() or int(digits) > 65535:
        raise ValueError(f"{address!r} is not HOST:PORT, :PORT or unix:PATH")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    return host, int(digits)


def _is_loopback(host: str) -> bool:
    """Of names only localhost: what others lead to may change."""
    if host.lower() == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _has_port(host: str) -> bool:
    return host.rpartition(":")[2].isdecimal() and (host.count(":") == 1 or "]:" in host)


def read_token(file: Path | None, environment: Mapping[str, str]) -> bytes:
    """The token of a file's first line, or of the environment; empty if there is neither.

    Raises ValueError, with a reason in words, where it is too short to be one, or others may read
    the file.
    """
    if file is None:
        given = environment.get(TOKEN_VARIABLE, "")
        where = TOKEN_VARIABLE
        if not given:
            return b""
    else:
        given, where = secret_line(file, MOST_TOKEN), str(file)
    if not LEAST_TOKEN <= len(given) <= MOST_TOKEN or not given.isascii():
        raise ValueError(f"{where}: a token has {LEAST_TOKEN} to {MOST_TOKEN} plain characters")
    return given.encode()
