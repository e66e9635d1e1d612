"""A little inventory console: every line typed is parsed with argparse, as the real tool does."""

import argparse
import random
import shlex


class ConsoleParser(argparse.ArgumentParser):
    """The grammar of the console."""

    def __init__(self):
        super().__init__(prog="inv", add_help=False)
        verbs = self.add_subparsers(dest="command", required=True, parser_class=argparse.ArgumentParser)
        for verb in ("add", "take", "show"):
            parser = verbs.add_parser(verb, add_help=False)
            parser.add_argument("item")
            if verb != "show":
                parser.add_argument("-n", "--count", type=int, default=1)
            if verb == "take":
                parser.add_argument("--force", action="store_true")


class Inventory:
    def __init__(self):
        self.stock = {}
        self.log = 0
        self.parser = ConsoleParser()

    def feed(self, line):
        args = self.parser.parse_args(shlex.split(line))
        have = self.stock.get(args.item, 0)
        if args.command == "add":
            self.stock[args.item] = have + args.count
        elif args.command == "take" and (have >= args.count or args.force):
            self.stock[args.item] = max(0, have - args.count)
        else:
            self.log += have
        return args.command


def script(lines, seed=11):
    rng = random.Random(seed)
    items = ["bolt", "nut", "washer", "'hex key'", "spring", "gasket"]
    for _ in range(lines):
        verb = rng.choice(["add", "add", "take", "show"])
        line = f"{verb} {rng.choice(items)}"
        if verb != "show":
            line += f" -n {rng.randint(1, 9)}"
        if verb == "take" and rng.random() < 0.1:
            line += " --force"
        yield line


def main():
    inventory = Inventory()
    verbs = {}
    for line in script(2500):
        verb = inventory.feed(line)
        verbs[verb] = verbs.get(verb, 0) + 1
    print(sorted(verbs.items()), sorted(inventory.stock.items()), inventory.log)


if __name__ == "__main__":
    main()
