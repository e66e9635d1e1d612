"""A stack machine with its own table of sines, and a pool of such machines."""
import math


class Fault(Exception):
    pass


class Machine:
    def __init__(self):
        self.sines = [math.sin(math.radians(degree)) for degree in range(360)]
        self.stack = []
        self.operations = {
            "add": lambda a, b: a + b,
            "mul": lambda a, b: a * b,
            "div": lambda a, b: a / b,
        }

    def run(self, text):
        self.stack.clear()
        for word in text.split():
            try:
                self.step(word)
            except IndexError:
                raise Fault(f"stack empty at {word}") from None
            except ZeroDivisionError:
                raise Fault("division by zero") from None
        return self.stack.pop()

    def step(self, word):
        stack = self.stack
        if word.isdigit():
            stack.append(float(word))
        elif word in self.operations:
            b, a = stack.pop(), stack.pop()
            stack.append(self.operations[word](a, b))
        elif word in ("sin", "cos"):
            shift = 90 if word == "cos" else 0
            stack.append(self.sines[(int(stack.pop()) + shift) % 360])
        else:
            raise Fault(f"unknown word {word}")


class MachinePool:
    def __init__(self):
        self._idle = []

    def take(self):
        return self._idle.pop() if self._idle else Machine()

    def put(self, machine):
        self._idle.append(machine)
