"""The same round trip through json's pure-Python encoder and decoder."""

from __future__ import annotations

import json.decoder
import json.encoder
import json.scanner
from typing import Any

import stopwatch
from json_c import document


class PythonDecoder(json.decoder.JSONDecoder):
    """A decoder that uses none of the C accelerators."""

    def __init__(self) -> None:
        super().__init__()
        self.parse_string = json.decoder.py_scanstring
        self.scan_once = json.scanner.py_make_scanner(self)


def work(scale: int) -> int:
    json.encoder.c_make_encoder = None
    encoder = json.encoder.JSONEncoder(ensure_ascii=False)
    decoder = PythonDecoder()
    value: Any = document(1000)
    for _ in range(36 * scale):
        value = decoder.decode(encoder.encode(value))
    return len(value["records"])


if __name__ == "__main__":
    stopwatch.main(work)
