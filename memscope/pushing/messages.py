"""What is sent: a profile with its name, its time and what its figures are."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from memscope.exports.pprof import SAMPLE_TYPES
from memscope.plain import dataclass
from memscope.pushing.destinations import PushReceiver

SPY = "memscope"
_UNITS = {"count": "objects", "bytes": "bytes"}
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VALUE = re.compile(r"[A-Za-z0-9_.:/@+-]+")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose profiles they are: a service, and what else its captures are told apart by."""

    service: str
    labels: Mapping[str, str]

    @property
    def name(self) -> str:
        """As Pyroscope takes it: `api{host=web-1,version=1.4}`, without what it would refuse."""
        service = _NOT_IN_NAMES.sub("_", self.service).strip("_") or "memscope"
        told = [
            f"{key}={value}"
            for key, value in sorted(self.labels.items())
            if key != "service" and _LABEL.fullmatch(key) and _VALUE.fullmatch(value)
        ]
        return f"{service}{{{','.join(told)}}}" if told else service


@dataclass(frozen=True, slots=True)
class Message:
    path: str
    content_type: str
    body: bytes


def message_of(
    destination: PushReceiver, sender: Sender, profile: bytes, from_s: float, until_s: float
) -> Message:
    """A profile of the stretch of time, which counts seconds since 1970."""
    if destination.kind == "pprof":
        return Message(destination.path, "application/octet-stream", profile)
    query = urlencode(
        {
            "name": sender.name,
            "from": int(from_s),
            "until": max(int(until_s), int(from_s) + 1),
            "format": "pprof",
            "spyName": SPY,
        }
    )
    boundary = f"memscope-{secrets.token_hex(16)}"
    parts = (("profile", profile), ("sample_type_config", json.dumps(sample_types()).encode()))
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, content in parts
    )
    body += f"--{boundary}--\r\n".encode()
    joined = "&" if "?" in destination.path else "?"
    path = f"{destination.path}{joined}{query}"
    return Message(path, f"multipart/form-data; boundary={boundary}", body)


def sample_types() -> dict[str, dict[str, object]]:
    """What each figure of the profile is: requests add up over time, the rest does not."""
    return {
        kind: {
            "units": _UNITS[unit],
            "display-name": kind,
            "aggregation": "sum" if kind.startswith("alloc") else "average",
            "sampled": False,
        }
        for kind, unit, _ in SAMPLE_TYPES
    }
