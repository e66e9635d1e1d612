"""A parser with tables that are built for each message."""


class Parser:
    def __init__(self):
        self.names = {f"field{number}": number for number in range(120)}
        self.order = [str(number) for number in range(300, 420)]

    def parse(self, message):
        return sum(self.names.get(word, 0) for word in message.split())


def handle(message):
    parser = Parser()  # advise: pool
    return parser.parse(message)


print(sum(handler for handler in (handle(f"field{n % 120} and more") for n in range(4000))))
