def join_two(a, b):
    return a + b  # advise: grow-copy


def build(n):
    acc = b""
    for i in range(n):
        acc = join_two(acc, b"0123456789abcdef")
    return acc


print(len(build(12000)))
