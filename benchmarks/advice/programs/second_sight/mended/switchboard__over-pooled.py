"""A telephone switchboard: calls are routed through exchanges in threads."""
import queue
import threading


class Exchange(threading.Thread):
    def __init__(self, lines, calls):
        super().__init__()
        self.lines = lines
        self.calls = calls
        self.seconds = [0] * lines
        self.spare = queue.LifoQueue(64)
        self.trace = []

    def message(self, caller, callee, length):
        return [caller, callee, length]

    def done(self, m):
        pass

    def run(self):
        state = self.lines * 7 + 1
        for number in range(self.calls):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            m = self.message(state % self.lines, state // 64 % self.lines, state % 611)
            self.connect(m)
            self.done(m)

    def connect(self, m):
        self.seconds[m[0]] += m[2]
        self.seconds[m[1]] += m[2] // 2
        if m[2] % 4 == 0:
            self.trace.append((m[0] << 20) + m[1])


def main():
    exchanges = [Exchange(lines, 60000) for lines in (500, 800, 1300)]
    for exchange in exchanges:
        exchange.start()
    for exchange in exchanges:
        exchange.join()
    for exchange in exchanges:
        print(exchange.lines, max(exchange.seconds), len(exchange.trace), sum(exchange.trace))


main()
