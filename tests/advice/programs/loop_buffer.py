"""A large buffer made anew for each block of a file."""

import io


def copy(source, blocks):
    total = 0
    for number in range(blocks):
        buffer = bytearray(8 << 20)  # advise: reuse-buffer
        source.seek(0)
        total += source.readinto(buffer) + buffer[number % 100]
    return total


print(copy(io.BytesIO(bytes(3 << 20)), 60))
