"""Each upload is an object of its own, which makes itself a work area when it is opened."""


class Upload:
    def __init__(self, name):
        self.name = name
        self.area = None

    def open(self):
        self.area = bytearray(3_000_000)  # advise: pool

    def store(self, piece):
        self.area[: len(piece)] = piece
        return self.area.count(b"x", 0, 100)


def receive(number):
    upload = Upload(f"file {number}")
    upload.open()
    return upload.store(b"xyz" * (number % 20))


print(sum(receive(number) for number in range(150)))
