import random
import zlib


class Request:
    def __init__(self, server, number, body):
        self.server = server
        self.number = number
        self.body = body
        self.response = Response(self)
        self.fields = {}

    def parse(self):
        for pair in bytes(self.body[:400]).split(b"&"):
            name, _, value = pair.partition(b"=")
            self.fields[name] = value


class Response:
    def __init__(self, request):
        self.request = request
        self.status = 0
        self.payload = b""

    def finish(self):
        fields = self.request.fields
        if b"token" not in fields:
            self.status = 403
            return
        self.status = 200
        head = b";".join(sorted(fields))
        self.payload = zlib.compress(head + bytes(self.request.body[-2000:]), 1)


class Server:
    def __init__(self):
        self.counts = {200: 0, 403: 0}
        self.sent = 0

    def serve(self, number, body):
        request = Request(self, number, body)
        request.parse()
        request.response.finish()
        return self.account(request.response)

    def account(self, response):
        self.counts[response.status] += 1
        self.sent += len(response.payload)
        return response.status


def uploads(count, seed):
    rng = random.Random(seed)
    filler = rng.randbytes(70_000)
    for number in range(count):
        head = b"name=n%d&kind=%d&" % (number, number % 7)
        if rng.random() < 0.9:
            head += b"token=%x&" % rng.getrandbits(40)
        body = bytearray(head)
        body += filler[:rng.randrange(30_000, 70_000)]
        yield number, body


def main():
    server = Server()
    streak = best = 0
    for number, body in uploads(6000, 4):
        if server.serve(number, body) == 200:
            streak += 1
            best = max(best, streak)
        else:
            streak = 0
    print(server.counts[200], server.counts[403], server.sent // 1000, best)


if __name__ == "__main__":
    main()
