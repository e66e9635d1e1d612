"""A pool of channels to which all paths give back."""


class Channel:
    def __init__(self):
        self.buffer = bytearray(4000)
        self.sent = 0


class ChannelPool:
    def __init__(self):
        self._idle = []

    def get(self) -> Channel:
        return self._idle.pop() if self._idle else Channel()

    def put(self, channel: Channel) -> None:
        self._idle.append(channel)


POOL = ChannelPool()


def send(number: int) -> int:
    channel = POOL.get()
    try:
        channel.sent += 1
        if number % 2:
            return 0
        return channel.sent
    finally:
        POOL.put(channel)


print(sum(send(n) for n in range(40_000)))
