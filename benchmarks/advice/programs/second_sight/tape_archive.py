"""An archive's command line (click), called within the process."""
from array import array

import click
from click.testing import CliRunner

CATALOGUE = array("L", ((k * 2654435761) % 4294967291 for k in range(700_000)))


@click.group()
@click.option("--shelf", type=int, default=0)
@click.pass_context
def cli(context, shelf):
    context.obj = shelf


@cli.command()
@click.argument("number", type=int)
@click.pass_obj
def find(shelf, number):
    try:
        click.echo(f"tape {number} stands at {CATALOGUE.index(number, shelf)}")
    except ValueError:
        raise click.ClickException(f"no tape {number}")


@cli.command()
@click.option("--every", type=click.IntRange(1), default=1000)
@click.pass_obj
def audit(shelf, every):
    total = sum(CATALOGUE[shelf::every])
    click.echo(f"audit {total}")


@cli.command()
@click.argument("pattern")
def count(pattern):
    digit = int(pattern)
    click.echo(str(sum(1 for tape in CATALOGUE[::40] if tape % 10 == digit)))


def call(runner, line):
    result = runner.invoke(cli, line.split())
    return result.exit_code, result.output.strip()


def main():
    runner = CliRunner()
    for line in ("audit --every 7", "--shelf 500 audit", "count 3", "find 12345", f"find {CATALOGUE[650_000]}"):
        print(*call(runner, line))
    codes = {}
    for number in range(60):
        code, _ = call(runner, f"--shelf {number} audit --every 100")
        codes[code] = codes.get(code, 0) + 1
    print(codes)


if __name__ == "__main__":
    main()
