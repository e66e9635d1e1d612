import zlib

from registry import registry


@registry.command("invert")
class Invert:
    TABLE = bytes(255 - i for i in range(256))

    def __init__(self, data):
        self.data = data.translate(self.TABLE)

    def result(self):
        return zlib.crc32(self.data)


@registry.command("pack")
class Pack:
    def __init__(self, data):
        self.size = len(zlib.compress(data, 1))

    def result(self):
        return self.size


@registry.command("rank")
class Rank:
    def __init__(self, data):
        self.best = max(range(256), key=data.count)

    def result(self):
        return self.best
