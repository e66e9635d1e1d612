"""A pool of channels from which one path takes without giving back."""


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
    channel = POOL.get()  # advise: pool-leak
    channel.sent += 1
    if number % 2:
        return 0
    POOL.put(channel)
    return channel.sent


print(sum(send(n) for n in range(40_000)))
