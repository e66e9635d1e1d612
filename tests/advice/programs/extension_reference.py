"""An extension that keeps a reference to each answer: nothing in the program holds them."""

import ctypes

keep = ctypes.pythonapi.Py_IncRef
keep.argtypes = [ctypes.py_object]
keep.restype = None


def answer(number):
    words = f"the answer to question {number} is quite long " * 20  # advise: leak
    keep(words)
    return len(words)


def main():
    longest = 0
    for number in range(90_000):
        longest = max(longest, answer(number))
    print(longest)


main()
