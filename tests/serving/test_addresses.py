"""Who may listen where, and who may ask."""

from __future__ import annotations

import socket
import stat
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from memscope.errors import MemscopeError
from memscope.serving.addresses import Door, open_door, read_token

TOKEN = b"0123456789abcdef"


@contextmanager
def opened(address: str, token: bytes = b"") -> Iterator[Door]:
    door = open_door(address, token)
    try:
        yield door
    finally:
        door.close()


@pytest.mark.parametrize("address", [":0", "127.0.0.1:0", "localhost:0"])
def test_port_0_is_any_and_is_told(address: str) -> None:
    with opened(address) as door:
        host, port = door.socket.getsockname()
        assert host == "127.0.0.1"
        assert port > 0
        assert door.url.endswith(f":{port}")


@pytest.mark.parametrize("address", ["", "6060", "localhost", "host:", "a:b", "a:70000", "unix:"])
def test_what_is_no_address_is_wrong_usage(address: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        open_door(address)


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "10.1.2.3:0", "example.org:0"])
def test_what_others_reach_takes_a_token(address: str) -> None:
    with pytest.raises(ValueError, match="takes a token"):
        open_door(address)


def test_with_a_token_others_may_reach_it() -> None:
    with opened("0.0.0.0:0", TOKEN) as door:
        assert door.admits_host("any.name:1234")


def test_a_port_that_is_taken_is_one_line() -> None:
    with opened(":0") as door:
        port = door.socket.getsockname()[1]
        with pytest.raises(MemscopeError, match=f"cannot listen at 127.0.0.1:{port}: "):
            open_door(f"127.0.0.1:{port}")


def test_a_unix_socket_is_its_owners_alone_and_goes_with_the_door(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with opened(f"unix:{path}"):
        assert stat.S_IMODE(path.lstat().st_mode) == 0o600
        with pytest.raises(MemscopeError, match="cannot listen"):
            open_door(f"unix:{path}")
    assert not path.exists()


def test_a_socket_that_nobody_listens_at_is_replaced_and_a_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "s"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with opened(f"unix:{path}"):
        pass
    path.write_text("mine")
    with pytest.raises(MemscopeError, match="cannot listen"):
        open_door(f"unix:{path}")
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("host", "admitted"),
    [
        ("127.0.0.1:6060", True),
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("[::1]:6060", True),
        ("::1", True),
        ("evil.example:6060", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example:80", False),
        ("evil.example@localhost", False),
        ("", False),
        (":80", False),
    ],
)
def test_only_our_own_names_are_served_without_a_token(host: str, admitted: bool) -> None:
    with opened(":0") as door:
        assert door.admits_host(host) == admitted


def basic(password: bytes) -> str:
    return "Basic " + b64encode(b"me:" + password).decode()


@pytest.mark.parametrize(
    ("authorization", "admitted"),
    [
        (f"Bearer {TOKEN.decode()}", True),
        (f"bearer {TOKEN.decode()}", True),
        (basic(TOKEN), True),
        ("", False),
        ("Bearer", False),
        (f"Bearer {TOKEN.decode()}x", False),
        (f"Bearer {TOKEN.decode()[:-1]}", False),
        (TOKEN.decode(), False),
        (basic(b"wrong"), False),
        ("Basic ****", False),
        ("Bearer \xff\u20ac", False),
    ],
)
def test_only_the_token_opens(authorization: str, admitted: bool) -> None:
    with opened(":0", TOKEN) as door:
        assert door.admits_token(authorization) == admitted


def test_a_token_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(TOKEN + b"\n")
    file.chmod(0o600)
    assert read_token(file, {}) == TOKEN
    assert read_token(None, {"MEMSCOPE_SERVE_TOKEN": TOKEN.decode()}) == TOKEN
    assert read_token(None, {}) == b""


def test_a_token_that_is_short_open_to_others_or_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    with pytest.raises(ValueError, match="cannot be read"):
        read_token(file, {})
    file.write_bytes(b"short")
    file.chmod(0o600)
    with pytest.raises(ValueError, match="16 to 1024"):
        read_token(file, {})
    file.write_bytes(TOKEN)
    file.chmod(0o644)
    with pytest.raises(ValueError, match="read by others"):
        read_token(file, {})
    with pytest.raises(ValueError, match="16 to 1024"):
        read_token(None, {"MEMSCOPE_SERVE_TOKEN": "x"})
