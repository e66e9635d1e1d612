"""Workers that are threads themselves, with much to make of constants."""

import threading


class Worker(threading.Thread):
    def __init__(self, number):
        super().__init__()
        self.number = number
        self.table = [str(i) for i in range(300)]

    def run(self):
        self.number += len(self.table)


def handle(number):
    worker = Worker(number)
    worker.start()
    worker.join()
    return worker.number


def main():
    print(sum(handle(number) for number in range(600)))


main()
