"""Requests whose replies refer back to them: what they were given waits for the collector."""

import random


class Request:
    def __init__(self, number, body):
        self.number = number
        self.body = body
        self.reply = Reply(self)


class Reply:
    def __init__(self, request):
        self.request = request
        self.status = 0

    def finish(self):
        self.status = 200 if self.request.body[0] else 403
        return self.status


def serve(number, body):
    request = Request(number, body)  # advise: cycles
    return request.reply.finish()


def uploads(count):
    rng = random.Random(4)
    filler = rng.randbytes(70_000)
    for number in range(count):
        yield number, bytearray(b"name=%d&" % number + filler[: rng.randrange(30_000, 70_000)])


def main():
    print(sum(serve(number, body) == 200 for number, body in uploads(6_000)))


if __name__ == "__main__":
    main()
