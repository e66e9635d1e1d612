# forbid: reuse-buffer leak
"""Video echo effect: every frame is blended with the one from a few frames back, then summarised."""
import zlib
from collections import deque

W, H = 1280, 720
ECHO = 5


class Camera:
    """Synthetic source: drifting gradient with a moving bar."""

    def __init__(self):
        self.gradient = bytes((x * 5 >> 3) & 0xFF for x in range(2 * W))
        self.bar = b"\xf0" * 64

    def shoot(self, n):
        frame = bytearray(W * H)
        for y in range(H):
            shift = (n * 9 + y) % W
            frame[y * W:(y + 1) * W] = self.gradient[shift:shift + W]
        x = n * 23 % (W - 64)
        for y in range(200, 420):
            frame[y * W + x:y * W + x + 64] = self.bar
        return frame


class EchoLine:
    def __init__(self, depth):
        self.past = deque(maxlen=depth)

    def push(self, frame):
        """Returns the frame that is `depth` behind, once there is one."""
        old = self.past[0] if len(self.past) == self.past.maxlen else None
        self.past.append(frame)
        return old


def motion(new, old, rows=range(4, H, 48)):
    moved = 0
    for y in rows:
        a, b = new[y * W:(y + 1) * W:4], old[y * W:(y + 1) * W:4]
        moved += sum(abs(p - q) > 40 for p, q in zip(a, b))
    return moved


def blended(new, old):
    crc = 0
    for y in range(0, H, 2):
        crc = zlib.crc32(new[y * W:(y + 1) * W], crc)
        crc = zlib.crc32(old[(y + 1) * W:(y + 2) * W], crc)
    return crc


def main():
    camera, echo = Camera(), EchoLine(ECHO)
    total, crc = 0, 0
    for n in range(700):
        frame = camera.shoot(n)
        old = echo.push(frame)
        if old is None:
            continue
        total += motion(frame, old)
        crc ^= blended(frame, old)
        if n % 175 == 0:
            print(f"frame {n}: moved {total} crc {crc:08x}")
    print("total", total, f"{crc:08x}")


if __name__ == "__main__":
    main()
