from concurrent.futures import ThreadPoolExecutor


class Metrics:
    def __init__(self):
        self.samples = {}

    def observe(self, name, value):
        self.samples.setdefault(name, []).append(value)  # advise: leak


METRICS = Metrics()


def job(n):
    words = [str(n + k) for k in range(80)]
    METRICS.observe("latency", float(len("".join(words))) + n)
    METRICS.observe("size", (n, n * 2))
    return len(words)


with ThreadPoolExecutor(4) as ex:
    print(sum(ex.map(job, range(15000))))
