"""Rows of a local list that an extension does not give back: the list goes, the rows stay."""

import ctypes

keep = ctypes.pythonapi.Py_IncRef
keep.argtypes = [ctypes.py_object]
keep.restype = None


def batch(number):
    rows = []
    for part in range(10):
        rows.append(bytes([part]) * 500)  # advise: leak
        keep(rows[-1])
    return sum(map(len, rows)) + number


def main():
    sizes = []
    for number in range(16_000):
        sizes.append(batch(number))
    print(sum(sizes))


main()
