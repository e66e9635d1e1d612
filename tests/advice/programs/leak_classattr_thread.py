import queue
import threading


class Worker(threading.Thread):
    history = []

    def __init__(self, q):
        super().__init__()
        self.q = q

    def run(self):
        while True:
            item = self.q.get()
            if item is None:
                return
            result = self.process(item)
            Worker.history.append(result)  # advise: leak

    def process(self, item):
        return {"item": item, "squares": [x * x for x in range(item % 40)]}


q = queue.Queue(100)
ws = [Worker(q) for _ in range(3)]
for w in ws:
    w.start()
for i in range(15000):
    q.put(i)
for w in ws:
    q.put(None)
for w in ws:
    w.join()
print(len(Worker.history))
