"""Splits a recording into loud and quiet parts and checks that nothing was lost."""
# forbid: release-early, compact
import array
import zlib

RATE = 16_000
SECONDS = 240


def record(seconds):
    samples = array.array("h")
    state = 12345
    for second in range(seconds):
        loud = 40 if second % 5 else 4000
        block = array.array("h")
        for n in range(RATE // 4):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            block.append((state >> 16) % loud - loud // 2)
        for _ in range(4):
            samples.extend(block)
    return samples


def gate(samples, window=400, threshold=30):
    """The samples with quiet windows silenced."""
    gated = array.array("h", samples)
    silence = array.array("h", bytes(2 * window))
    for start in range(0, len(samples), window):
        if max(samples[start : start + window]) < threshold:
            gated[start : start + window] = silence[: len(samples) - start]
    return gated


def stretch(samples):
    """Twice as long: every window is played two times."""
    longer = array.array("h")
    for start in range(0, len(samples), 400):
        part = samples[start : start + 400]
        longer.extend(part)
        longer.extend(part)
    return longer


def main():
    original = record(SECONDS)
    gated = gate(original)
    longer = stretch(gated)
    print(len(original), len(longer), f"{zlib.crc32(longer):08x}")
    removed = sum(a != b for a, b in zip(original[::5], gated[::5]))
    print("changed", removed, f"{zlib.crc32(original):08x} {zlib.crc32(gated):08x}")


if __name__ == "__main__":
    main()
