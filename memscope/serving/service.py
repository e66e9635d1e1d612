"""What is served of a recording, and where."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from memscope.capture.description import DomainSums, End
from memscope.errors import MemscopeError
from memscope.recording.childrenasked import FollowedRecording
from memscope.recording.memorylimits import limits_of, memory_of
from memscope.reports.html.page import live_page
from memscope.serving.addresses import Door
from memscope.serving.costly import TYPES, Captures, Form
from memscope.serving.messages import RefusedError, Request, Response
from memscope.serving.metrics import TYPE, Now, OneChild, metrics
from memscope.serving.server import Job, Server

if TYPE_CHECKING:
    from memscope.recording.watched import Watched

MOST_PID = 1 << 22  # of Linux
MOST_SECONDS = 300  # of a difference
METRICS_APART_S = 0.2  # asked more often, the same is told
PROFILES = "/debug/pprof/"


class Service:
    """A watcher of one recording, who answers at a door from when it begins until it is over."""

    def __init__(self, door: Door, limit_bytes: int | None = None) -> None:
        self._door = door
        self._limit_bytes = limit_bytes
        self._server: Server | None = None
        self._captures: Captures | None = None
        self._routes: Routes | None = None

    def start(self, recording: Watched) -> None:
        self._captures = Captures(recording)
        self._routes = Routes(recording, self._captures, self._limit_bytes)
        self._server = Server(self._door, self._routes.answer)
        self._server.start()

    @property
    def problem(self) -> str:
        """Why nobody was answered any more, if so."""
        return self._server.problem if self._server is not None else ""

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
        if self._captures is not None:
            self._captures.close()
        if self._routes is not None:
            self._routes.close()


class Routes:
    """Which path is answered how."""

    def __init__(
        self, recording: Watched, captures: Captures, limit_bytes: int | None = None
    ) -> None:
        self._recording = recording
        self._limit_bytes = limit_bytes
        self._captures = captures
        self._of_children: dict[int, Captures] = {}
        self._metrics = b""
        self._metrics_at = float("-inf")
        self._by_path: dict[str, Callable[[Request], Response | Job]] = {
            "/": self._live_page,
            "/report": self._report,
            "/report/data": self._report,
            "/children": self._tell_children,
            "/metrics": self._tell_metrics,
            "/snapshot": self._snapshot,
            f"{PROFILES}heap": self._profile,
            f"{PROFILES}allocs": self._profile,
            f"{PROFILES}delta_heap": self._delta,
            f"{PROFILES}cmdline": self._cmdline,
            f"{PROFILES}symbol": self._symbol,
        }

    def answer(self, request: Request) -> Response | Job:
        """Raises RefusedError."""
        found = self._by_path.get(request.path)
        if found is None:
            known = " ".join(self._by_path)
            raise RefusedError(HTTPStatus.NOT_FOUND, f"there is nothing here; there are {known}")
        answer = found(request)
        if request.method == "HEAD" and not isinstance(answer, Response):
            return Response(type="application/octet-stream")  # it is not made to be thrown away
        return answer

    def _asked_of(self, request: Request) -> Captures:
        """Of the program, or of the forked child that `pid` names."""
        pid = request.number("pid", MOST_PID)
        children = self._recording.children
        if pid in (0, self._recording.pid):
            return self._captures
        there = [] if children is None else [child.pid for child in children.now()]
        for gone in self._of_children.keys() - there:
            self._of_children.pop(gone).close()
        if children is None or pid not in there:
            listed = ", ".join(map(str, there)) or "none (see --follow-fork)"
            reason = f"no forked child {pid} is being recorded; there are: {listed}"
            raise RefusedError(HTTPStatus.NOT_FOUND, reason)
        if pid not in self._of_children:
            of = FollowedRecording(pid, self._recording.capture, children)
            self._of_children[pid] = Captures(of)
        return self._of_children[pid]

    def close(self) -> None:
        for captures in self._of_children.values():
            captures.close()

    def _tell_children(self, request: Request) -> Response:
        """The forked children that are recorded now, with what they hold, one a line."""
        children = self._recording.children
        lines = [
            f"{child.pid} {self._sums(child.summary).live_bytes:.0f}\n"
            for child in ([] if children is None else children.now())
        ]
        return Response("".join(lines).encode())

    def _sums(self, summary: bytes) -> DomainSums:
        return End.from_json(json.loads(summary), self._recording.unit).sums

    def _live_page(self, request: Request) -> Response:
        """The same for all who ask: what it shows, it asks for itself."""
        page = live_page(" ".join(self._recording.command))
        policy = f"{page.policy}; frame-ancestors 'none'"
        body = page.text.encode("utf-8", "backslashreplace")
        return Response(body, TYPES["page"], headers={"Content-Security-Policy": policy})

    def _report(self, request: Request) -> Job:
        form: Form = "data" if request.path.endswith("data") else "page"
        return self._asked_of(request).whole("report", form)

    def _profile(self, request: Request) -> Response | Job:
        """`gc=1` is taken, and nothing is collected: the program is left alone."""
        kind = request.path.removeprefix(PROFILES)
        seconds = request.number("seconds", MOST_SECONDS)
        text = request.number("debug", 2) > 0
        request.number("gc", 1)
        if seconds and text:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "seconds and debug do not go together")
        if seconds:
            return self._asked_of(request).difference(kind, seconds)
        return self._asked_of(request).whole(kind, "text" if text else "pprof")

    def _delta(self, request: Request) -> Response | Job:
        seconds = request.number("seconds", MOST_SECONDS)
        request.number("gc", 1)
        if request.number("debug", 2):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "a difference has no text form")
        if seconds:
            return self._asked_of(request).difference("delta_heap", seconds)
        return self._asked_of(request).since_last("delta_heap")

    def _snapshot(self, request: Request) -> Job:
        return self._asked_of(request).snapshot()

    def _cmdline(self, request: Request) -> Response:
        """As Go does: words with NULs in between."""
        return Response("\0".join(self._recording.command).encode("utf-8", "surrogateescape"))

    def _symbol(self, request: Request) -> Response:
        """Profiles have all names in them, and no addresses that somebody could ask for."""
        return Response(b"num_symbols: 0\n")

    def _tell_metrics(self, request: Request) -> Response:
        now = time.monotonic()
        if now - self._metrics_at >= METRICS_APART_S:
            memory = memory_of(self._recording.pid)
            self._metrics = metrics(
                Now(
                    summary=self._recording.summary(),
                    unit=self._recording.unit,
                    pid=self._recording.pid,
                    resident_bytes=None if memory is None else memory[1],
                    limits=tuple(limits_of(self._recording.pid, self._limit_bytes)),
                    children=self._children_now(),
                )
            )
            self._metrics_at = now
        return Response(self._metrics, TYPE)

    def _children_now(self) -> tuple[OneChild, ...] | None:
        """None: forked children are not recorded, or not told of just now."""
        children = self._recording.children
        if children is None:
            return None
        try:
            return tuple(
                OneChild(child.pid, child.summary, (memory_of(child.pid) or (0, 0))[1])
                for child in children.now()
            )
        except MemscopeError:
            return None
