from collector import folded_samples
from index import TraceIndex
from queries import hottest, inclusive, self_time


def main():
    index = TraceIndex()
    for line in folded_samples(180_000):
        index.add(line)
    step = len(index) // 6
    for start in range(0, len(index), step):
        stack, cost = hottest(index, start, start + step)
        print(start, ">".join(stack), cost)
    print(self_time(index, 0, step).most_common(2))
    print("db.query", inclusive(index, "db.query", step, 3 * step))


if __name__ == "__main__":
    main()
