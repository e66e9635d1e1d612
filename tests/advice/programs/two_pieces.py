"""Copies a film in large pieces: while one is read, the one before is still there."""

import os
import tempfile

PIECE = 6 << 20


class Film:
    def __init__(self, descriptor):
        self.descriptor = descriptor

    def pieces(self):
        while piece := os.read(self.descriptor, PIECE):  # advise: reuse-buffer
            yield piece

    def brightness(self):
        return sum(piece[0] + piece[-1] for piece in self.pieces())


with tempfile.TemporaryFile(buffering=0) as file:
    file.truncate(PIECE * 24)
    print(Film(file.fileno()).brightness())
