"""Renders the frames of a flip book; the finished book is played backwards and in steps."""
# forbid: reuse-buffer, pool
import hashlib
from dataclasses import dataclass, field

WIDTH, HEIGHT = 640, 360


@dataclass
class Ball:
    x: int
    y: int
    dx: int
    dy: int
    size: int

    def move(self):
        if not 0 <= self.x + self.dx < WIDTH - self.size:
            self.dx = -self.dx
        if not 0 <= self.y + self.dy < HEIGHT - self.size:
            self.dy = -self.dy
        self.x += self.dx
        self.y += self.dy


@dataclass
class FlipBook:
    frames: list = field(default_factory=list)

    def shoot(self, balls):
        frame = bytearray(WIDTH * HEIGHT)
        for shade, ball in enumerate(balls, 100):
            row = bytes([shade]) * ball.size
            for y in range(ball.y, ball.y + ball.size):
                start = y * WIDTH + ball.x
                frame[start : start + ball.size] = row
        self.frames.append(frame)

    def play(self, start, step):
        digest = hashlib.md5()
        for frame in self.frames[start::step]:
            digest.update(memoryview(frame)[WIDTH * 40 : WIDTH * 220])
        return digest.hexdigest()


balls = [Ball(n * 31 % 500, n * 47 % 300, 3 + n % 5, 2 + n % 7, 12 + n) for n in range(24)]
book = FlipBook()
for _ in range(240):
    for ball in balls:
        ball.move()
    book.shoot(balls)
print(len(book.frames), "frames")
for start, step in ((-1, -1), (0, 2), (150, -3), (7, 1), (-1, -2), (3, 1), (90, -1), (40, 1)):
    print(start, step, book.play(start, step))
