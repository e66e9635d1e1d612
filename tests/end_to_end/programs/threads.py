"""Threads that allocate and free each other's blocks, and one that outlives the main thread."""

import queue
import threading

ROUNDS = 2000
blocks: queue.SimpleQueue = queue.SimpleQueue()
sums = [0] * 4


def work(number):
    for i in range(ROUNDS):
        blocks.put([number, bytes(i % 700), {"i": i}])
        _, payload, _ = blocks.get()
        sums[number] += len(payload)


def late():
    main.join()
    print("main thread is over, blocks left:", blocks.qsize())


main = threading.main_thread()
workers = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(sum(sums))
threading.Thread(target=late).start()
