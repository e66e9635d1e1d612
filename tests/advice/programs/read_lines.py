"""Lines of a log, all of them at once."""

import tempfile


class Counter:
    def __init__(self, path):
        self.path = path
        self.errors = 0

    def run(self):
        with open(self.path) as log:
            for line in log.readlines():  # advise: chunk
                if "ERROR" in line:
                    self.errors += 1


with tempfile.NamedTemporaryFile("w") as file:
    for number in range(200_000):
        file.write(f"{number} {'ERROR' if number % 7 else 'INFO'} something happened here\n")
    file.flush()
    counter = Counter(file.name)
    counter.run()
print(counter.errors)
