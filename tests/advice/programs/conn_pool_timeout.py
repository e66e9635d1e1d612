class Conn:
    def __init__(self):
        self.buf = bytearray(4096)
        self.q = []

    def run(self, x):
        if x % 3 == 0:
            raise TimeoutError(x)
        return x


class Pool:
    def __init__(self):
        self.idle = []

    def checkout(self):
        return self.idle.pop() if self.idle else Conn()

    def checkin(self, c):
        self.idle.append(c)


POOL = Pool()


def request(x):
    c = POOL.checkout()  # advise: pool-leak
    r = c.run(x)
    POOL.checkin(c)
    return r


t = 0
for x in range(20000):
    try:
        t += request(x)
    except TimeoutError:
        pass
print(t)
