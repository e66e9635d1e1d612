from array import array
from sys import intern


class TraceIndex:
    def __init__(self):
        self.stacks = []
        self.known = {}
        self.micros = array("I")

    def add(self, line):
        folded, _, cost = line.rpartition(" ")
        stack = tuple(map(intern, folded.split(";")))
        self.stacks.append(self.known.setdefault(stack, stack))
        self.micros.append(int(cost))

    def __len__(self):
        return len(self.stacks)

    def window(self, start, stop):
        return zip(self.stacks[start:stop], self.micros[start:stop])
