"""An attribute holds one at a time; what an extension keeps of each is nobody's."""

import ctypes

keep = ctypes.pythonapi.Py_IncRef
keep.argtypes = [ctypes.py_object]
keep.restype = None


class Reader:
    def __init__(self):
        self.total = 0
        self.sizes = []

    def ask(self):
        self.buffer = bytearray(1_500)  # advise: leak
        keep(self.buffer)
        return len(self.buffer)

    def run(self):
        for number in range(70_000):
            self.total += self.ask()
            if number % 100 == 0:
                self.sizes.append(number)


reader = Reader()
reader.run()
print(reader.total)
