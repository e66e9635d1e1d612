"""A generator of sound blocks, each made by a method; who mixes them has one at a time."""


class Tape:
    def __init__(self, rates):
        self.rates = rates

    def _block(self, length):
        samples = bytearray(length)  # advise: reuse-buffer
        view = memoryview(samples)
        for start in range(0, length, 400_000):
            view[start : start + 4] = length.to_bytes(4, "little")
        return samples

    def blocks(self):
        for rate in self.rates:
            yield rate, self._block(rate * 100)


def loudness(tape):
    loudest = 0
    for rate, samples in tape.blocks():
        loudest = max(loudest, samples[0] + rate)
    return loudest


print(loudness(Tape([40_000, 36_000, 33_000] * 60)))
