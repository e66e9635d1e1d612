import argparse
import random
import shlex


def command_parser():
    parser = argparse.ArgumentParser(prog="stock", add_help=False)
    commands = parser.add_subparsers(dest="command", required=True)
    receive = commands.add_parser("receive", add_help=False)
    receive.add_argument("sku")
    receive.add_argument("quantity", type=int)
    receive.add_argument("--bin", default="A0")
    receive.add_argument("--cost", type=float, default=1.0)
    move = commands.add_parser("move", add_help=False)
    move.add_argument("sku")
    move.add_argument("quantity", type=int)
    move.add_argument("--from", dest="source", default="A0")
    move.add_argument("--to", dest="target", required=True)
    count = commands.add_parser("count", add_help=False)
    count.add_argument("sku")
    count.add_argument("--verbose", action="store_true")
    return parser


class Warehouse:
    def __init__(self, prices):
        self.prices = prices
        self.bins = {}
        self.value = 0.0
        self.refused = 0

    def interpret(self, line):
        options = command_parser().parse_args(shlex.split(line))
        return getattr(self, "do_" + options.command)(options)

    def do_receive(self, options):
        key = (options.sku, options.bin)
        self.bins[key] = self.bins.get(key, 0) + options.quantity
        self.value += options.quantity * (options.cost + self.prices[options.sku])
        return self.bins[key]

    def do_move(self, options):
        source = (options.sku, options.source)
        held = self.bins.get(source, 0)
        if held < options.quantity:
            self.refused += 1
            return 0
        self.bins[source] = held - options.quantity
        target = (options.sku, options.target)
        self.bins[target] = self.bins.get(target, 0) + options.quantity
        return options.quantity

    def do_count(self, options):
        return sum(n for (sku, _), n in self.bins.items() if sku == options.sku)


def script(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        sku = f"P{rng.randrange(42_000) // 140 * 140:05d}"
        action = rng.random()
        if action < 0.5:
            yield f"receive {sku} {rng.randrange(1, 50)} --bin B{rng.randrange(9)} --cost {rng.randrange(1, 90) / 4}"
        elif action < 0.97:
            yield f"move {sku} {rng.randrange(1, 20)} --from B{rng.randrange(9)} --to 'C{rng.randrange(9)}'"
        else:
            yield f"count {sku}"


def main():
    rng = random.Random(11)
    house = Warehouse({f"P{n:05d}": rng.randrange(100, 90_000) for n in range(42_000)})
    answers = 0
    for line in script(2500, 12):
        answers = (answers * 7 + house.interpret(line)) % 1_000_003
    print(len(house.bins), sum(house.bins.values()), round(house.value, 2), house.refused)
    print(answers)


if __name__ == "__main__":
    main()
