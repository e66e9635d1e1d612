"""Answers that are kept for all questions that were ever asked; they go with the thread."""

import queue
import threading


class Finder:
    def __init__(self, towns):
        self.towns = towns
        self.found = {}

    def find(self, place):
        answer = self.found.get(place)
        if answer is not None:
            return answer
        near = min(self.towns, key=lambda town: abs(town - place))
        answer = f"{place:.4f} is {abs(near - place):.3f} from {near}"
        self.found[place] = answer  # advise: leak
        return answer


class Worker(threading.Thread):
    def __init__(self, finder, asked, told):
        super().__init__()
        self.finder, self.asked, self.told = finder, asked, told

    def run(self):
        while (batch := self.asked.get()) is not None:
            self.told.put(sum(len(self.finder.find(place)) for place in batch))
        self.told.put(None)


def main():
    asked, told = queue.Queue(maxsize=4), queue.Queue()
    Worker(Finder(list(range(9))), asked, told).start()
    for number in range(200):
        asked.put([(number * 300 + each) / 7000 for each in range(300)])
    asked.put(None)
    total = 0
    while (size := told.get()) is not None:
        total += size
    print(total)


main()
