"""A score keeps its text in an attribute, that only the method which reads it in needs."""

import re


class Score:
    NOTE = re.compile(r"([A-G])(\d)")

    def __init__(self, written):
        self.text = written.decode("ascii")  # advise: release-early
        self.pitches = bytearray()

    def read(self):
        for note in self.NOTE.finditer(self.text):
            self.pitches.append("ABCDEFG".index(note.group(1)) + 7 * int(note[2]))


class Tune:
    def __init__(self, score):
        self.score = score
        self.phrases = {}

    def divide(self):
        pitches = self.score.pitches
        for start in range(0, len(pitches) - 8, 3):
            self.phrases[start] = bytes(pitches[start : start + 8])
        return len(self.phrases)


def main():
    score = Score(b"|C4 quarter, held ||G2 half, soft    |" * 130_000)
    score.read()
    tune = Tune(score)
    print(tune.divide(), tune.phrases[9])


main()
