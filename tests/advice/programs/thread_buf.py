import queue
import threading


def producer(q, n):
    for i in range(n):
        b = bytearray(4 << 20)  # advise: pool
        b[0] = i & 255
        q.put(b)
    q.put(None)


def consumer(q, out):
    s = 0
    while True:
        b = q.get()
        if b is None:
            break
        s += b[0] + len(b)
    out.append(s)


q = queue.Queue(3)
out = []
t = threading.Thread(target=consumer, args=(q, out))
t.start()
producer(q, 150)
t.join()
print(out)
