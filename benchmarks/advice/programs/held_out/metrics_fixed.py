# worker threads report into a history of the latest lines
import collections
import threading

HISTORY = collections.deque(maxlen=500)
LOCK = threading.Lock()


def report(name, value):
    line = "%s=%d " % (name, value) * 20
    with LOCK:
        HISTORY.append(line)


def worker(name, n):
    acc = 0
    for i in range(n):
        acc += len([j for j in range(60)])
        report(name, i)
    print(name, acc)


ts = [threading.Thread(target=worker, args=("w%d" % k, 25_000)) for k in range(3)]
[t.start() for t in ts]
[t.join() for t in ts]
