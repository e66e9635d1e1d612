"""A line oriented command interpreter for a small inventory shell, fed by a script."""
import argparse
import random
import shlex


class UsageError(Exception):
    pass


class QuietParser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError(message)


def command_parser():
    top = QuietParser(prog="inv", add_help=False)
    verbs = top.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", add_help=False)
    add.add_argument("item")
    add.add_argument("count", type=int)
    add.add_argument("--price", type=float, default=1.0)
    take = verbs.add_parser("take", add_help=False)
    take.add_argument("item")
    take.add_argument("count", type=int)
    take.add_argument("--force", action="store_true")
    ls = verbs.add_parser("ls", add_help=False)
    ls.add_argument("--sort", choices=["name", "count", "value"], default="name")
    ls.add_argument("-n", type=int, default=3)
    return top


class Shell:
    def __init__(self):
        self.items = {}
        self.errors = 0
        self.listed = []

    def execute(self, line):
        parser = command_parser()  # advise: pool
        try:
            args = parser.parse_args(shlex.split(line))
            getattr(self, "do_" + args.verb)(args)
        except (UsageError, ValueError):
            self.errors += 1

    def do_add(self, args):
        count, value = self.items.get(args.item, (0, 0.0))
        self.items[args.item] = (count + args.count, value + args.count * args.price)

    def do_take(self, args):
        count, value = self.items.get(args.item, (0, 0.0))
        if count < args.count and not args.force:
            raise ValueError("not enough")
        left = max(0, count - args.count)
        self.items[args.item] = (left, value * left / count if count else 0.0)

    def do_ls(self, args):
        keys = {"name": lambda kv: kv[0], "count": lambda kv: (kv[1][0], kv[0]), "value": lambda kv: (kv[1][1], kv[0])}
        top = sorted(self.items.items(), key=keys[args.sort])[: args.n]
        self.listed.append(tuple(k for k, _ in top))


def script(rng, lines):
    for _ in range(lines):
        item = f"item{rng.randrange(20)}"
        pick = rng.randrange(10)
        if pick < 5:
            yield f"add {item} {rng.randrange(1, 30)} --price {rng.randrange(100) / 10}"
        elif pick < 8:
            yield f"take {item} {rng.randrange(1, 30)}" + (" --force" if pick == 7 else "")
        elif pick == 8:
            yield f"ls --sort {rng.choice(['name', 'count', 'value', 'colour'])} -n 4"
        else:
            yield f"'grab it' {item}"


def main():
    shell = Shell()
    for line in script(random.Random(15), 3500):
        shell.execute(line)
    print("errors", shell.errors, "lists", len(shell.listed), shell.listed[-1])
    for name in sorted(shell.items)[:5]:
        count, value = shell.items[name]
        print(name, count, f"{value:.2f}")


if __name__ == "__main__":
    main()
