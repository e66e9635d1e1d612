from collections import deque


def produce(n):
    for i in range(n):
        yield {"i": i, "data": "x" * 100}


def main():
    q = deque()
    done = 0
    for burst in range(30):
        for m in produce(2000):
            q.append(m)
        while q:
            done += q.popleft()["i"]
    print(done)


main()
