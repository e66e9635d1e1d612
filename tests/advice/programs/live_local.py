"""The buffer is read at the end: it has to stay."""


def main():
    data = bytes(12_000_000)
    parts = [bytes(1000) for _ in range(8000)]
    print(len(parts), sum(data[:: 1 << 16]), data[5])


main()
