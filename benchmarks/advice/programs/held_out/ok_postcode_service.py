"""Loads a postcode index at the start and then answers look-ups over datagrams."""
# forbid: leak, compact
import socket
import threading
from bisect import bisect_right

LOOKUPS = 18_000


def ranges():
    """Postcode ranges: first code and the town that owns it."""
    code = 10_000
    for n in range(9000):
        code += 3 + n * 31 % 17
        yield code, f"{('Alt', 'Neu', 'Bad', 'Ober')[n % 4]}stadt-{n}"


class PostcodeServer(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.codes, self.towns = zip(*ranges())
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.by_initial = {}

    def town(self, code):
        at = bisect_right(self.codes, code)
        return self.towns[at - 1] if at else "unknown"

    def run(self):
        while True:
            request, peer = self.sock.recvfrom(64)
            if request == b"quit":
                break
            town = self.town(int(request))
            self.by_initial[town[0]] = self.by_initial.get(town[0], 0) + 1
            self.sock.sendto(town.encode(), peer)
        self.sock.close()


def main():
    server = PostcodeServer()
    address = server.sock.getsockname()
    server.start()
    letters = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(30)
        for n in range(LOOKUPS):
            sock.sendto(b"%d" % (9_000 + n * 7919 % 90_000), address)
            letters += len(sock.recv(64))
        sock.sendto(b"quit", address)
        server.join()
    print("letters", letters, sorted(server.by_initial.items()))


if __name__ == "__main__":
    main()
