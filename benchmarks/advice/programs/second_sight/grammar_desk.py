"""Threads recognise token strings with table-driven recognisers."""
import queue
import threading


class Recogniser:
    STATES = 300

    def __init__(self):
        self.moves = [
            [(state * 7 + letter * 13 + state * letter) % self.STATES for letter in range(26)]
            for state in range(self.STATES)
        ]
        self.final = bytearray(state % 3 == 0 for state in range(self.STATES))

    def accepts(self, word):
        state = 0
        for letter in word:
            state = self.moves[state][letter]
        return self.final[state]


class Desk:
    def __init__(self, size):
        self.idle = queue.SimpleQueue()
        for _ in range(size):
            self.idle.put(Recogniser())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        while not self.idle.empty():
            self.idle.get()

    def judge(self, word):
        recogniser = self.idle.get()
        try:
            return recogniser.accepts(word)
        finally:
            self.idle.put(recogniser)


def words(start, stop):
    for number in range(start, stop):
        yield bytes((number * k + k) % 26 for k in range(1, 16))


def clerk(desk, start, stop, verdicts):
    verdicts.put(sum(desk.judge(word) for word in words(start, stop)))


def main():
    verdicts = queue.Queue()
    record = {n: "case %d" % n for n in range(50_000)}
    with Desk(3) as desk:
        threads = [
            threading.Thread(target=clerk, args=(desk, k * 15_000, k * 15_000 + 15_000, verdicts)) for k in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(sum(verdicts.get() for _ in threads), len(record[49_999]))


main()
