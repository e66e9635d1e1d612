"""Whether each request to real servers, and each task, is in the capture of the worker that did it.

    uv pip install gunicorn uvicorn watchfiles celery
    python benchmarks/servers.py                # those that are installed; others are named

Each server keeps 5,000 bytes for a request or a task. All captures of a run together must hold as
many of these blocks as were answered or done. The status is 0 if that is so for each server.
"""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from memscope.capture import load

ASKED = 60
PATIENCE_S = 90.0
PORT = 8611

FILES = {
    "wsgi.py": """
kept = []
def app(environ, start):
    kept.append(bytes(5000))
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
""",
    "asgi.py": """
kept = []
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    kept.append(bytes(5000))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})
""",
    "tasks.py": """
from celery import Celery
folders = {"data_folder_in": "broker", "data_folder_out": "broker"}
app = Celery("tasks", broker="filesystem://", broker_transport_options=folders)
app.conf.task_ignore_result = True
kept = []
@app.task
def keep(number):
    kept.append(bytes(5000))
""",
}


@dataclass(frozen=True, slots=True)
class Server:
    """One way to start it; {port} stands for the port."""

    options: tuple[str, ...]
    words: str

    @property
    def module(self) -> str:
        return self.words.split()[0]


FORK, EXEC = ("--follow-fork",), ("--follow-exec",)
SERVERS = (
    Server(FORK, "gunicorn -w 2 -b 127.0.0.1:{port} wsgi:app"),
    Server(FORK, "gunicorn --preload --max-requests 20 -w 2 -b 127.0.0.1:{port} wsgi:app"),
    Server(EXEC, "gunicorn --max-requests 20 -w 2 -b 127.0.0.1:{port} wsgi:app"),
    Server((*FORK, "--budget", "2%"), "gunicorn -w 2 -b 127.0.0.1:{port} wsgi:app"),
    Server(EXEC, "uvicorn asgi:app --workers 2 --port {port}"),
    Server(EXEC, "uvicorn asgi:app --reload --port {port}"),
    Server(FORK, "celery -A tasks worker -c 2 -l WARNING"),
    Server(EXEC, "celery -A tasks worker -c 2 -l WARNING"),
)


def ask(port: int) -> int:
    """How many requests were answered."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    answered, until = 0, time.monotonic() + PATIENCE_S
    while answered < ASKED and time.monotonic() < until:
        try:
            with opener.open(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                answered += answer.read() == b"ok"
        except OSError:
            time.sleep(0.2)
    return answered


def have_done(place: Path) -> int:
    """How many tasks were given out and taken."""
    code = f"import tasks\nfor number in range({ASKED}): tasks.keep.delay(number)"
    subprocess.run([sys.executable, "-c", code], cwd=place, check=True)
    until = time.monotonic() + PATIENCE_S
    while any((place / "broker").iterdir()) and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(2)  # the last ones are at work
    return ASKED - len(list((place / "broker").iterdir()))


def kept_in(path: Path) -> float:
    with load(path) as capture:
        rows, nodes, codes = capture.tables.rows, capture.tables.nodes, capture.tables.codes
        return sum(
            capture.totals.allocations[row]
            for row, node in enumerate(rows.stack)
            if rows.size_class[row] > 40
            and Path(codes.file[nodes.code[node]]).name in FILES
            and codes.function[nodes.code[node]] in ("app", "keep")
        )


def captures_of(place: Path) -> list[Path]:
    """All of them, once the background has finished those of the children."""
    before: list[tuple[Path, int]] = []
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        now = [(path, path.stat().st_size) for path in sorted(place.glob("run*.mscope"))]
        if now and now == before:
            return [path for path, _ in now]
        before = now
        time.sleep(3)
    return [path for path, _ in before]


def run(server: Server, port: int, place: Path) -> tuple[int, dict[str, float]]:
    """What was asked for and answered, and what each capture holds."""
    (place / "broker").mkdir()
    for name, source in FILES.items():
        (place / name).write_text(source)
    words = server.words.format(port=port).split()
    recorded = ["-m", "memscope", "run", "-q", "-o", "run.mscope", *server.options]
    process = subprocess.Popen(
        [sys.executable, *recorded, "-m", *words],
        cwd=place,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        answered = have_done(place) if server.module == "celery" else ask(port)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE_S)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    return answered, {path.stem: kept_in(path) for path in captures_of(place)}


def main() -> int:
    good = True
    for number, server in enumerate(SERVERS):
        if importlib.util.find_spec(server.module) is None:
            print(f"{server.module} is not installed: {server.words}")
            continue
        with tempfile.TemporaryDirectory() as place:
            answered, kept = run(server, PORT + number, Path(place))
        whole = sum(kept.values())
        good = good and whole == answered == ASKED
        said = "  ".join(f"{name} {count:g}" for name, count in kept.items())
        print(f"{' '.join(server.options)} -m {server.words}\n    {whole:g} of {answered}: {said}")
        sys.stdout.flush()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
