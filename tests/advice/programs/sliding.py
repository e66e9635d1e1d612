from collections import deque


class Window:
    def __init__(self, n):
        self.q = deque(maxlen=n)
        self.seen = set()

    def push(self, x):
        self.q.append(x)
        self.seen.add(x[0] % 5000)


w = Window(2000)
for i in range(150000):
    w.push((i, str(i), [i]))
print(len(w.q), len(w.seen))
