"""Tasks whose callback is a closure over the task itself, with the collector off."""

import gc


def run(number):
    task = {"number": number, "payload": bytearray(700)}  # advise: leak

    def done():
        return task["number"]

    task["done"] = done
    return done() % 7


def main():
    gc.disable()
    total = 0
    for number in range(90_000):
        total += run(number)
    print(total)


main()
