"""Callbacks that are registered with each request and never taken away; threads."""

import threading


class Bus:
    def __init__(self):
        self.listeners = []
        self.lock = threading.Lock()

    def subscribe(self, function):
        with self.lock:
            self.listeners.append(function)  # advise: leak


BUS = Bus()


def request(number):
    state = bytearray(200)

    def on_change():
        return state

    BUS.subscribe(on_change)
    return sum(len(str(part)) for part in range(60)) + number


def worker(first, results):
    results.append(sum(request(number) for number in range(first, first + 8000)))


results = []
threads = [threading.Thread(target=worker, args=(first, results)) for first in (0, 8000)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(results))
