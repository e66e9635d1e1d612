"""Reading captures: bytes in, tables and tallies out."""

from __future__ import annotations

from memscope.capture.reader import Capture, load

__all__ = ["Capture", "load"]
