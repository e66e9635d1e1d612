"""multiprocessing by the start method in argv: a pool, a pipe, and a child that fails."""

import multiprocessing
import sys


def square(n):
    return n, [n] * (n % 10)


def fail():
    sys.exit(7)


def echo(pipe):
    while (item := pipe.recv()) is not None:
        pipe.send(item[::-1])


def main():
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        print(sum(n + len(items) for n, items in pool.map(square, range(200))))
    ours, theirs = context.Pipe()
    process = context.Process(target=echo, args=(theirs,))
    process.start()
    ours.send(list(range(1000)))
    print(ours.recv()[:3])
    ours.send(None)
    process.join()
    failing = context.Process(target=fail)
    failing.start()
    failing.join()
    print(process.exitcode, failing.exitcode)


if __name__ == "__main__":
    main()
