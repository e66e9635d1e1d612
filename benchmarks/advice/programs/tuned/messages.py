# message objects from a queue
import queue


class Message:
    def __init__(self):
        self.body = None
        self.to = None


class MessagePool:
    def __init__(self, n):
        self.q = queue.LifoQueue()
        for _ in range(n):
            self.q.put(Message())  # advise: over-pooled

    def borrow(self):
        return self.q.get()

    def give_back(self, m):
        m.body = m.to = None
        self.q.put(m)


pool = MessagePool(5000)
sent = 0
for i in range(60_000):
    m = pool.borrow()
    m.body, m.to = "hello", i
    sent += len(m.body)
    pool.give_back(m)
print(sent)
