"""Clients that are slow, greedy, many or gone hold nobody up, and get what they deserve."""

from __future__ import annotations

import os
import select
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from memscope.serving import server as served
from memscope.serving.addresses import Door, open_door
from memscope.serving.messages import Request, Response
from memscope.serving.server import GivenUp, Job, Server

PATIENCE_S = 60.0
TOKEN = b"0123456789abcdef"
LARGE = 64 << 20  # more than the kernel keeps on the way
GET = b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Answers:
    """Of a service: one path is answered at once, one when it is let go, one with a large file."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.given_up = threading.Event()
        self.at_once = self.most_at_once = 0

    def answer(self, request: Request) -> Response | Job:
        if request.path == "/costly":
            return self.costly
        if request.path == "/large":
            file = tempfile.TemporaryFile()  # noqa: SIM115 (the server closes it)
            file.truncate(LARGE)
            return Response(file=file, file_bytes=LARGE)
        if request.path == "/fails":
            return self.fails
        if request.path == "/fails-at-once":
            raise KeyError("secret")
        return Response(b"at once")

    def costly(self, given_up: GivenUp) -> Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.set()
        while not self.go.wait(0.01):
            if given_up():
                self.given_up.set()
                break
        self.at_once -= 1
        return Response(b"at last")

    def fails(self, given_up: GivenUp) -> Response:
        raise KeyError("secret")


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def door() -> Door:
    return open_door(":0")


@pytest.fixture(autouse=True)
def running(door: Door, answers: Answers) -> Iterator[Server]:
    server = Server(door, answers.answer)
    server.start()
    yield server
    server.stop()


def connect(door: Door) -> socket.socket:
    return socket.create_connection(door.socket.getsockname(), timeout=PATIENCE_S)


def test_the_thread_that_answers_does_not_push_the_program_off_its_processor(
    running: Server, door: Door
) -> None:
    with connect(door) as client:
        client.sendall(GET % b"")
        assert rest_of(client).endswith(b"at once")
    [thread] = [each for each in threading.enumerate() if each.name == "serve"]
    assert thread.native_id is not None
    assert os.sched_getscheduler(thread.native_id) == os.SCHED_BATCH
    assert os.sched_getscheduler(threading.main_thread().native_id or 0) == os.SCHED_OTHER


def rest_of(client: socket.socket) -> bytes:
    received = bytearray()
    while part := client.recv(1 << 20):
        received += part
    return bytes(received)


def ask(door: Door, request: bytes) -> bytes:
    with connect(door) as client:
        client.sendall(request)
        return rest_of(client)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_an_answer_is_whole_and_the_last_of_its_connection(door: Door) -> None:
    answer = ask(door, GET % b"" + GET % b"pipelined")
    assert status(answer) == 200
    assert answer.endswith(b"\r\n\r\nat once")
    assert answer.count(b"HTTP/1.1") == 1


def test_head_is_the_same_without_a_body(door: Door) -> None:
    answer = ask(door, (GET % b"large").replace(b"GET", b"HEAD"))
    assert answer.endswith(b"\r\n\r\n")
    assert b"Content-Length: %d\r\n" % LARGE in answer


def test_a_request_may_come_byte_by_byte(door: Door) -> None:
    with connect(door) as client:
        for byte in GET % b"":
            client.send(bytes([byte]))
        assert rest_of(client).endswith(b"at once")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9000 + b"\r\n\r\n",
        b"GET /" + b"x" * 100_000,
        b"\0" * 20_000,
        b"DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n",
    ],
    ids=["host", "headers", "line", "zeroes", "method", "site"],
)
def test_what_is_wrong_is_refused_and_the_next_is_answered(door: Door, request_: bytes) -> None:
    assert 400 <= status(ask(door, request_)) < 500
    assert status(ask(door, GET % b"")) == 200


def test_without_the_token_nothing_is_told(answers: Answers) -> None:
    guarded = open_door(":0", TOKEN)
    server = Server(guarded, answers.answer)
    server.start()
    try:
        for given in (b"", b"Authorization: Bearer 0123456789abcdeX\r\n"):
            answer = ask(guarded, b"GET /costly HTTP/1.1\r\nHost: any\r\n" + given + b"\r\n")
            assert status(answer) == 401
            assert b"WWW-Authenticate: Bearer" in answer
        assert not answers.begun.is_set()
        right = b"GET / HTTP/1.1\r\nHost: any\r\nAuthorization: Bearer " + TOKEN + b"\r\n\r\n"
        assert status(ask(guarded, right)) == 200
    finally:
        server.stop()


def test_one_costly_answer_is_made_at_a_time(door: Door, answers: Answers) -> None:
    with connect(door) as first:
        first.sendall(GET % b"costly")
        assert answers.begun.wait(PATIENCE_S)
        with connect(door) as second:
            second.sendall(GET % b"costly")
            assert status(ask(door, GET % b"")) == 200  # what costs nothing is answered meanwhile
            answers.go.set()
            assert rest_of(first).endswith(b"at last")
            answer = rest_of(second)
    # It waited for its turn; on a machine that is held up, for longer than it may.
    assert answer.endswith(b"at last") or status(answer) == 503
    assert answers.most_at_once == 1


def test_who_waits_too_long_for_a_turn_is_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch, door: Door, answers: Answers
) -> None:
    monkeypatch.setattr(served, "TURN_S", 0.05)
    with connect(door) as first:
        first.sendall(GET % b"costly")
        assert answers.begun.wait(PATIENCE_S)
        late = ask(door, GET % b"costly")
        assert status(late) == 503
        assert b"Retry-After: " in late
        answers.go.set()
        assert rest_of(first).endswith(b"at last")
    assert ask(door, GET % b"costly").endswith(b"at last")


def test_few_may_wait_for_a_turn(
    monkeypatch: pytest.MonkeyPatch, door: Door, answers: Answers
) -> None:
    monkeypatch.setattr(served, "MOST_IN_TURN", 1)
    monkeypatch.setattr(served, "TURN_S", PATIENCE_S)
    with connect(door) as first:
        first.sendall(GET % b"costly")
        assert answers.begun.wait(PATIENCE_S)
        with connect(door) as one, connect(door) as other:
            for client in (one, other):
                client.sendall(GET % b"costly")
            # One of them waits, and the other one is refused while it does.
            refused, _, _ = select.select([one, other], [], [], PATIENCE_S)
            assert len(refused) == 1
            assert status(rest_of(refused[0])) == 503
            answers.go.set()
            waited = other if refused[0] is one else one
            assert rest_of(waited).endswith(b"at last")


def test_where_no_thread_can_be_had_a_costly_answer_is_refused_and_the_rest_answered(
    monkeypatch: pytest.MonkeyPatch, door: Door, answers: Answers
) -> None:
    def none_left(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        refused = ask(door, GET % b"costly")
    assert status(refused) == 503
    assert b"Retry-After: " in refused
    assert status(ask(door, GET % b"")) == 200
    answers.go.set()
    assert ask(door, GET % b"costly").endswith(b"at last")


def test_a_costly_answer_that_nobody_waits_for_is_given_up(door: Door, answers: Answers) -> None:
    with connect(door) as client:
        client.sendall(GET % b"costly")
        assert answers.begun.wait(PATIENCE_S)
    assert answers.given_up.wait(PATIENCE_S)


@pytest.mark.parametrize("path", [b"fails", b"fails-at-once"])
def test_an_answer_that_fails_tells_no_secret(door: Door, path: bytes) -> None:
    answer = ask(door, GET % path)
    assert status(answer) == 500
    assert b"secret" not in answer
    assert status(ask(door, GET % b"")) == 200


def test_a_file_is_sent_whole_to_a_client_that_takes_its_time(door: Door) -> None:
    with connect(door) as client:
        client.sendall(GET % b"large")
        time.sleep(0.2)
        answer = rest_of(client)
    assert len(answer.partition(b"\r\n\r\n")[2]) == LARGE


@pytest.mark.parametrize("said", [b"GET / HT", GET % b"large"], ids=["half", "all"])
def test_who_is_too_slow_is_closed(
    monkeypatch: pytest.MonkeyPatch, door: Door, said: bytes
) -> None:
    """What it does not take of an answer is cut off."""
    monkeypatch.setattr(served, "READING_S", 0.2)
    monkeypatch.setattr(served, "WRITING_S", 0.2)
    monkeypatch.setattr(served, "WRITING_BYTES", LARGE)
    with connect(door) as client:
        client.sendall(said)
        time.sleep(1.0)
        with suppress(ConnectionResetError):
            assert len(rest_of(client)) < LARGE
    assert status(ask(door, GET % b"")) == 200


def test_hundreds_that_say_nothing_keep_nobody_out(
    monkeypatch: pytest.MonkeyPatch, door: Door
) -> None:
    monkeypatch.setattr(served, "MOST_A_SECOND", 10_000)
    silent = [connect(door) for _ in range(200)]
    try:
        assert status(ask(door, GET % b"")) == 200
    finally:
        for client in silent:
            client.close()


def test_those_who_ask_without_end_are_slowed_down(
    monkeypatch: pytest.MonkeyPatch, door: Door, answers: Answers
) -> None:
    """How many were answered in a stretch of time has a limit that no machine can pass."""
    monkeypatch.setattr(served, "MOST_A_SECOND", 20)
    began = time.monotonic()
    answered = 0
    while time.monotonic() - began < 1.5:
        answered += status(ask(door, GET % b"")) == 200
    lasted_s = time.monotonic() - began
    # Those that it had room for when it began, at its own limit then.
    assert 1 <= answered <= 100 + 20 * (lasted_s + 1)


def test_at_the_end_nobody_is_waited_for(door: Door, answers: Answers, running: Server) -> None:
    with connect(door) as waiting, connect(door) as silent:
        waiting.sendall(GET % b"costly")
        assert answers.begun.wait(PATIENCE_S)
        running.stop()
        assert answers.given_up.is_set()
        assert rest_of(silent) == b""
        assert rest_of(waiting) == b""
    # For the fixture, which stops it again.
    running.stop = lambda: None  # type: ignore[method-assign]


def test_of_too_many_connections_the_one_that_has_waited_longest_goes(
    monkeypatch: pytest.MonkeyPatch, door: Door
) -> None:
    monkeypatch.setattr("memscope.serving.server.MOST_CONNECTIONS", 3)
    monkeypatch.setattr("memscope.serving.server.READING_S", 1e6)  # none goes by itself
    with connect(door) as first, connect(door), connect(door):
        assert status(ask(door, GET % b"")) == 200
        assert rest_of(first) == b""


def test_what_ends_the_loop_is_kept_and_nothing_is_printed(
    door: Door, running: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise KeyError("broken")

    # The loop may come to it before the client does: then nobody answers at the door.
    running._listen = broken  # type: ignore[method-assign]
    with suppress(ConnectionError), connect(door) as client:
        client.sendall(GET % b"")
        rest_of(client)
    running._thread.join(PATIENCE_S)
    assert running.problem == "serving ended: KeyError: 'broken'"
    assert capfd.readouterr().err == ""
