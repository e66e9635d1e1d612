"""Watches a camera for frames that are too bright: a new buffer for each frame."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO

WIDTH, HEIGHT = 7680, 5120
FRAME_BYTES = WIDTH * HEIGHT  # 37.5 MiB
FRAMES = 24


def make_camera(path: Path) -> None:
    """A file that gives the same frame again and again, with one bright line."""
    with path.open("wb") as camera:
        camera.truncate(FRAME_BYTES)
        camera.seek(WIDTH * 1000)
        camera.write(b"\xff" * WIDTH)


def read_frame(camera: BinaryIO) -> bytearray:
    frame = bytearray(FRAME_BYTES)
    camera.seek(0)
    camera.readinto(frame)
    return frame


def brightness(frame: bytearray) -> int:
    return sum(frame[:: WIDTH // 2])


def main() -> None:
    bright = 0
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "camera"
        make_camera(path)
        with path.open("rb", buffering=0) as camera:
            for _ in range(FRAMES):
                frame = read_frame(camera)
                bright += brightness(frame) > 100
                del frame
    print(f"{bright} of {FRAMES} frames are bright")


if __name__ == "__main__":
    main()
