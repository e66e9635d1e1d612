"""Chromium by WebDriver, which is plain HTTP: enough of it to look at a page and press keys."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
MISSING = "" if CHROMIUM and DRIVER else "chromium and chromedriver are not here"

_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--force-device-scale-factor=1", "--hide-scrollbars",
)  # fmt: skip
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Left": "\ue012", "Up": "\ue013", "Right": "\ue014",
        "Down": "\ue015", "Tab": "\ue004"}  # fmt: skip
PATIENCE_S = 300


class Browser:
    """One window; `run` evaluates a script in the page, `until` waits for one to answer."""

    def __init__(self, address: str, session: str) -> None:
        self._base = f"{address}/session/{session}"

    def do(self, method: str, path: str, **data: Any) -> Any:
        return _request(method, self._base + path, data if method == "POST" else None)

    def open(self, page: Path) -> None:
        self.do("POST", "/url", url=page.as_uri())
        self.until("return Boolean(document.documentElement.dataset.painted)")
        self.settle()

    def run(self, script: str, *arguments: Any) -> Any:
        return self.do("POST", "/execute/sync", script=script, args=list(arguments))

    def until(self, script: str, *arguments: Any) -> Any:
        """What the script answers once that is true; looks again until then."""
        ends = time.monotonic() + PATIENCE_S
        while not (found := self.run(script, *arguments)):
            if time.monotonic() > ends:
                problems = self.problems()
                raise AssertionError(f"never true in the page: {script}; {problems}")
            time.sleep(0.02)
        return found

    def press(self, *keys: str) -> None:
        """Keys or texts, to whatever has the focus."""
        actions = []
        for key in keys:
            for value in [KEYS[key]] if key in KEYS else key:
                actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.do("POST", "/actions", actions=[source])
        self.settle()

    def settle(self) -> None:
        """Waits until the tables have followed the flame."""
        self.until("return document.documentElement.dataset.tables === 'shown'")

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """With the pointer, in pixels of the window; the same point twice is a click."""
        actions = [
            {"type": "pointerMove", "x": start[0], "y": start[1], "duration": 0},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "x": end[0], "y": end[1], "duration": 20},
            {"type": "pointerUp", "button": 0},
        ]
        source = {
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": actions,
        }  # fmt: skip
        self.do("POST", "/actions", actions=[source])
        self.settle()

    def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.command("Emulation.setDeviceMetricsOverride", **metrics)

    def media(self, **features: str) -> None:
        chosen = [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ]
        self.command("Emulation.setEmulatedMedia", features=chosen)

    def command(self, name: str, **parameters: Any) -> Any:
        return self.do("POST", "/goog/cdp/execute", cmd=name, params=parameters)

    def picture(self) -> bytes:
        return base64.b64decode(self.do("GET", "/screenshot"))

    def problems(self) -> list[str]:
        """What the browser's console has complained about since the last question."""
        return [entry["message"] for entry in self.do("POST", "/se/log", type="browser")]

    def requests(self) -> list[str]:
        """Addresses that pages asked for since the last question."""
        found = []
        for entry in self.do("POST", "/se/log", type="performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return found


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser of its own, without anything from earlier."""
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as profile:
        driver = subprocess.Popen(
            [str(DRIVER), "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            address = f"http://127.0.0.1:{_port(driver)}"
            session = _request("POST", f"{address}/session", _wanted(profile))["sessionId"]
            try:
                yield Browser(address, session)
            finally:
                _request("DELETE", f"{address}/session/{session}", None)
        finally:
            driver.terminate()
            driver.wait()


def _port(driver: subprocess.Popen[str]) -> int:
    assert driver.stdout is not None
    for line in driver.stdout:
        if "started successfully on port" in line:
            return int(line.rpartition("port")[2].strip(" .\n"))
    raise AssertionError("chromedriver did not start")


def _wanted(profile: str) -> dict[str, Any]:
    arguments = [*_ARGUMENTS, f"--user-data-dir={profile}"]
    return {
        "capabilities": {
            "alwaysMatch": {
                "browserName": "chrome",
                "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments},
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            }
        }
    }


def _request(method: str, address: str, data: Any) -> Any:
    body = None if data is None else json.dumps(data).encode()
    asked = urllib.request.Request(
        address, body, {"Content-Type": "application/json"}, method=method
    )
    # Never by a proxy: the driver is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=600) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise AssertionError(json.load(error)["value"]["message"]) from None
