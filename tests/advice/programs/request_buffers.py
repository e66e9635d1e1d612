"""Two large buffers for each request, made and dropped together."""


class Handler:
    def __init__(self):
        self.done = 0

    def handle(self, number):
        inbox = bytearray(3_000_000)  # advise: reuse-buffer
        outbox = bytearray(3_000_000)  # advise: reuse-buffer
        inbox[0] = number & 255
        outbox[1:4] = inbox[:3]
        self.done += 1
        return outbox[1]


handler = Handler()
print(sum(handler.handle(number) for number in range(150)))
