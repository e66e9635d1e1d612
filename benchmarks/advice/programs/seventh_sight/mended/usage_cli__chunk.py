import json
import os
import random
import tempfile

import click
from click.testing import CliRunner


class UsageLog:
    def __init__(self, path):
        self.path = path

    def records(self):
        with open(self.path, encoding="utf-8") as fh:
            yield from map(json.loads, fh)


class TenantTotals:
    def __init__(self):
        self.totals = {}

    def add(self, record):
        tenant = self.totals.setdefault(record["tenant"], {"calls": 0, "bytes": 0, "errors": 0})
        tenant["calls"] += 1
        tenant["bytes"] += record["sent"] + record["received"]
        tenant["errors"] += record["status"] >= 500


@click.group()
def cli():
    pass


@cli.command()
@click.argument("path")
@click.option("--limit", default=5)
def totals(path, limit):
    result = TenantTotals()
    for record in UsageLog(path).records():
        result.add(record)
    ranked = sorted(result.totals.items(), key=lambda kv: (-kv[1]["bytes"], kv[0]))
    for name, figures in ranked[:limit]:
        click.echo(f"{name} {figures['calls']} {figures['bytes']} {figures['errors']}")


@cli.command()
@click.argument("path")
@click.option("--rows", default=1000)
def generate(path, rows):
    rng = random.Random(rows)
    with open(path, "w", encoding="utf-8") as fh:
        for n in range(rows):
            fh.write(json.dumps({
                "tenant": f"tenant-{rng.randrange(60):02d}",
                "path": f"/v1/items/{n}",
                "sent": rng.randrange(90_000),
                "received": rng.randrange(4_000),
                "status": rng.choice((200, 200, 200, 404, 503)),
            }) + "\n")


def main():
    runner = CliRunner()
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "usage.jsonl")
        runner.invoke(cli, ["generate", path, "--rows", "90000"], catch_exceptions=False)
        outcome = runner.invoke(cli, ["totals", path], catch_exceptions=False)
        print(outcome.output, end="")


if __name__ == "__main__":
    main()
