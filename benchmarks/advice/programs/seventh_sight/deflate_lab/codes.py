def fixed_lengths():
    return [8] * 144 + [9] * 112 + [7] * 24 + [8] * 8


def canonical(lengths):
    counts = {}
    for length in lengths:
        counts[length] = counts.get(length, 0) + 1
    code = 0
    first = {}
    for bits in range(1, max(lengths) + 1):
        code = (code + counts.get(bits - 1, 0)) << 1
        first[bits] = code
    assigned = []
    for length in lengths:
        assigned.append((first[length], length))
        first[length] += 1
    return assigned


class CodeBook:
    def __init__(self, lengths):
        self.encode = canonical(lengths)
        self.decode = {(length, code): symbol for symbol, (code, length) in enumerate(self.encode)}
