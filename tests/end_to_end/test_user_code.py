"""User code is what the program's project is, installed or not, or what is named as that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipapp
from pathlib import Path

import pytest

import memscope
from memscope.analysis.origins import Origin
from memscope.analysis.redaction import RedactedCapture
from memscope.analysis.stacks import Stacks

HERE = Path(memscope.__file__).parent.parent

STORE = """
KEPT = []
def fill():
    KEPT.extend(bytes(1000) for _ in range(2000))
"""
CLI = """
from {package}.store import fill
def main():
    fill()
if __name__ == "__main__":
    main()
"""
# Runs what it is given, as servers and test runners do.
SERVER = """
import importlib, sys
def main():
    name, _, attribute = sys.argv[-1].partition(":")
    sys.path.insert(0, "")
    getattr(importlib.import_module(name), attribute or "main")()
if __name__ == "__main__":
    main()
"""
PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "{name}"
version = "1"
dependencies = {needs}
[project.scripts]
{name} = "{package}.cli:main"
[tool.setuptools.packages.find]
where = ["src"]
namespaces = true
"""


class Environment:
    """A virtual environment to install small projects into, with memscope in reach."""

    def __init__(self, path: Path) -> None:
        self.path = path
        venv.create(path, symlinks=True)
        self.python = path / "bin" / "python"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        site = path / "lib" / version / "site-packages"
        # memscope's own environment, with setuptools and pip, after this one.
        (site / "around.pth").write_text(f"{HERE}\n{sysconfig.get_path('purelib')}\n")
        self.site = site

    def install(self, project: Path, *options: str) -> None:
        command = [str(self.python), "-m", "pip", "install", "-q", "--no-deps"]
        command += ["--no-build-isolation", "--disable-pip-version-check", *options, str(project)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)

    def own(self, cwd: Path, *words: str, options: tuple[str, ...] = ()) -> list[str]:
        """The files of user code that allocated much, as `memscope hotspots --own` lists them."""
        capture = cwd / "run.mscope"
        command = [str(self.python), "-m", "memscope"]
        run = [*command, "run", "-q", "-f", "-o", str(capture), *options, *words]
        subprocess.run(run, cwd=cwd, check=True, capture_output=True, timeout=300)
        return self.own_of(capture)

    def own_of(self, capture: Path, *options: str) -> list[str]:
        command = [str(self.python), "-m", "memscope", "hotspots", "--own", "--json", "-n", "0"]
        command += ["--group", "file", *options, str(capture)]
        listed = subprocess.run(
            command, cwd=capture.parent, check=True, capture_output=True, timeout=300
        ).stdout
        rows = json.loads(listed)["rows"]
        return sorted(row["file"] for row in rows if row["allocated_bytes"] > 1_000_000)


def make_project(home: Path, name: str, package: str, needs: str = "[]", **more: str) -> Path:
    """A project in the src layout whose `package.store` allocates; dots make namespaces."""
    inside = home / name / "src" / Path(*package.split("."))
    inside.mkdir(parents=True)
    (home / name / "pyproject.toml").write_text(
        PROJECT.format(name=name, package=package, needs=needs)
    )
    (inside / "__init__.py").write_text("")
    (inside / "store.py").write_text(STORE)
    (inside / "cli.py").write_text(CLI.format(package=package))
    for file, source in more.items():
        (inside / f"{file}.py").write_text(source)
    return home / name


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    home = tmp_path_factory.mktemp("user_code")
    made = Environment(home / "venv")
    made.install(make_project(home, "shopd", "shopd"))
    made.install(make_project(home, "drawd", "drawd"), "-e")
    made.install(make_project(home, "acme-shop", "acme.shop"))
    made.install(make_project(home, "served", "served"))
    made.install(make_project(home, "launch", "launch", server=SERVER, __main__=SERVER))
    wanted = ("shopd", "acme_shop", "served", "launch")
    for name in wanted:  # as from an index, which leaves no trace of where its source was
        (made.site / f"{name}-1.dist-info" / "direct_url.json").unlink()
    return made


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


def test_an_installed_program(environment: Environment, cwd: Path) -> None:
    store = str(environment.site / "shopd" / "store.py")
    script = environment.path / "bin" / "shopd"
    assert environment.own(cwd, str(script)) == [store]
    assert environment.own(cwd, "-m", "shopd.cli") == [store]
    (cwd / "shopd").symlink_to(script)
    assert environment.own(cwd, "./shopd") == [store]


def test_an_editable_program(environment: Environment, cwd: Path) -> None:
    store = str(environment.path.parent / "drawd" / "src" / "drawd" / "store.py")
    assert environment.own(cwd, str(environment.path / "bin" / "drawd")) == [store]
    assert environment.own(cwd, "-m", "drawd.cli") == [store]


def test_a_part_of_a_namespace_package(environment: Environment, cwd: Path) -> None:
    store = str(environment.site / "acme" / "shop" / "store.py")
    assert environment.own(cwd, str(environment.path / "bin" / "acme-shop")) == [store]
    assert environment.own(cwd, "-m", "acme.shop.cli") == [store]


def test_a_program_that_records_itself(environment: Environment, cwd: Path) -> None:
    record = "import memscope\nwith memscope.record('run.mscope', force=True):\n    main()\n"
    (cwd / "app.py").write_text(f"from shopd.cli import main\n{record}")
    subprocess.run([str(environment.python), "app.py"], cwd=cwd, check=True, timeout=300)
    named = environment.own_of(cwd / "run.mscope", "--user-code", "shopd")
    assert named == [str(environment.site / "shopd" / "store.py")]


@pytest.mark.parametrize("as_module", [True, False])
def test_a_launcher_is_a_library(environment: Environment, cwd: Path, as_module: bool) -> None:
    script = str(environment.site / "launch" / "server.py")
    words = ["-m", "launch"] if as_module else [script]
    (cwd / "webapp.py").write_text(STORE + "def main():\n    fill()\n")
    assert environment.own(cwd, *words, "webapp:main") == [str(cwd / "webapp.py")]
    # What it serves may be installed itself.
    served = str(environment.site / "served" / "store.py")
    assert environment.own(cwd, *words, "served.cli:main") == [served]
    assert environment.own(cwd, *words, "served.cli", options=("--user-code", "served")) == [served]


@pytest.mark.slow
def test_what_pytest_runs_is_user_code(environment: Environment, cwd: Path) -> None:
    (cwd / "mine.py").write_text(STORE)
    (cwd / "test_mine.py").write_text("import mine\ndef test_it():\n    mine.fill()\n")
    words = ("-m", "pytest", "-q", "-p", "no:memscope", "-p", "no:cacheprovider")
    assert str(cwd / "mine.py") in environment.own(cwd, *words)
    own = environment.own(cwd, *words)
    assert not [file for file in own if "/_pytest/" in file]


def test_an_environment_within_the_project(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    inner = Environment(project / ".venv")
    (inner.site / "liby.py").write_text(STORE)
    (project / "app.py").write_text(
        "import liby\nMINE = [bytes(99) for _ in range(50000)]\nliby.fill()\n"
    )
    assert inner.own(project, "app.py") == [str(project / "app.py")]
    assert inner.own(project, "app.py", options=("--user-code", "liby")) == sorted(
        [str(project / "app.py"), str(inner.site / "liby.py")]
    )


def test_a_project_beside_the_installed_packages(environment: Environment) -> None:
    project = environment.site.parent / "project"
    project.mkdir()
    (project / "mine.py").write_text(STORE)
    (project / "app.py").write_text("import mine\nmine.fill()\n")
    assert environment.own(project, "app.py") == [str(project / "mine.py")]


def test_an_archive_with_libraries_in_it(environment: Environment, cwd: Path) -> None:
    build = cwd / "build"
    build.mkdir()
    (build / "mine.py").write_text(STORE)
    (build / "__main__.py").write_text(
        "import mine, shopd.store\nmine.fill()\nshopd.store.fill()\n"
    )
    for name in ("shopd", "shopd-1.dist-info"):
        (build / name).symlink_to(environment.site / name)
    zipapp.create_archive(build, cwd / "app.pyz")
    own = environment.own(cwd, "app.pyz")
    assert own == [str(cwd / "app.pyz" / "mine.py")]


def test_paths_that_are_named(environment: Environment, cwd: Path) -> None:
    for folder in ("ours", "theirs"):
        (cwd / folder).mkdir()
        (cwd / folder / f"{folder}_store.py").write_text(STORE)
    (cwd / "app.py").write_text(
        "import sys\nsys.path += ['ours', 'theirs']\n"
        "import ours_store, theirs_store\nours_store.fill()\ntheirs_store.fill()\n"
    )
    both = [str(cwd / name / f"{name}_store.py") for name in ("ours", "theirs")]
    assert environment.own(cwd, "app.py") == both
    assert environment.own(cwd, "app.py", options=("--user-code", "./ours")) == both[:1]
    # The recording remembers it, and who reads it may say otherwise.
    assert environment.own_of(cwd / "run.mscope") == both[:1]
    assert environment.own_of(cwd / "run.mscope", "--user-code", str(cwd / "theirs")) == both[1:]


@pytest.mark.parametrize(
    ("word", "status", "says"),
    [
        ("./nosuch", 2, "there is no './nosuch'"),
        ("no such", 2, "'no such' is neither a package nor a path"),
        ("nosuch", 0, "no code of nosuch was recorded"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(
    environment: Environment, cwd: Path, word: str, status: int, says: str
) -> None:
    (cwd / "app.py").write_text("print(1)\n")
    command = [str(environment.python), "-m", "memscope", "run", "--user-code", word, "app.py"]
    done = subprocess.run(
        command, cwd=cwd, check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == status
    assert says in done.stderr


def test_code_that_exec_runs_is_its_callers(environment: Environment, cwd: Path) -> None:
    (cwd / "app.py").write_text("exec('KEPT = [bytes(1000) for _ in range(2000)]')\n")
    environment.own(cwd, "app.py")
    command = [str(environment.python), "-m", "memscope", "summary", str(cwd / "run.mscope")]
    wide = {**os.environ, "COLUMNS": "100"}
    shown = subprocess.run(
        command, cwd=cwd, check=True, capture_output=True, text=True, timeout=300, env=wide
    ).stdout
    heaviest = shown.partition("Made the peak")[2].splitlines()[1]
    assert "● <module>  app.py:1" in heaviest


def test_a_decorated_function_remembers_what_is_named(environment: Environment, cwd: Path) -> None:
    (cwd / "app.py").write_text(
        "import memscope\nfrom shopd.store import fill\n"
        "@memscope.record('run.mscope', force=True, user_code=['shopd'])\n"
        "def work():\n    fill()\nwork()\n"
    )
    subprocess.run([str(environment.python), "app.py"], cwd=cwd, check=True, timeout=300)
    own = environment.own_of(cwd / "run.mscope")
    assert own == [str(environment.site / "shopd" / "store.py")]


def test_a_script_that_was_installed_as_it_is(environment: Environment, cwd: Path) -> None:
    project = make_project(environment.path.parent, "copied", "copied")
    source = "#!/usr/bin/python\nimport copied.cli\ncopied.cli.main()\n"
    (project / "copied-admin").write_text(source)
    text = (project / "pyproject.toml").read_text()
    where = "[tool.setuptools]\nscript-files = ['copied-admin']\n[tool.setuptools.packages.find]"
    (project / "pyproject.toml").write_text(text.replace("[tool.setuptools.packages.find]", where))
    environment.install(project)
    (environment.site / "copied-1.dist-info" / "direct_url.json").unlink()
    script = environment.path / "bin" / "copied-admin"
    assert environment.own(cwd, str(script)) == [str(environment.site / "copied" / "store.py")]


def test_settings_and_templates_are_no_program(environment: Environment, cwd: Path) -> None:
    source = ""
    for name, text in (("settings.py", "A = [1]"), ("x.conf.py", STORE), ("base.html", STORE)):
        (cwd / name).write_text(text)
        source += f"exec(compile(open({name!r}).read(), {name!r}, 'exec'), {{}})\n"
    cli = environment.site / "served" / "cli.py"
    before = cli.read_text()
    cli.write_text(source + before)
    try:
        own = environment.own(cwd, str(environment.path / "bin" / "served"))
    finally:
        cli.write_text(before)
    assert str(environment.site / "served" / "store.py") in own


FROZEN = """
import sys
import memscope
sys.frozen = True
with memscope.record("run.mscope", user_code={named!r}, force=True):
    for name in ("{main}", "shop/cart.py", "nowhere/core.py", "json/decoder.py"):
        exec(compile("K = [bytes(3000) for _ in range(1000)]", name, "exec"), {{}})
"""


def test_a_frozen_program_knows_its_script_and_what_it_names(
    environment: Environment, cwd: Path
) -> None:
    inside = cwd / "inside"
    inside.mkdir()
    for named, expected in (((), ["app.py"]), (("shop",), ["app.py", "shop/cart.py"])):
        (inside / "app.py").write_text(FROZEN.format(named=named, main="app.py"))
        command = [str(environment.python), str(inside / "app.py")]
        subprocess.run(command, cwd=cwd, check=True, timeout=300)
        assert environment.own_of(cwd / "run.mscope") == expected


def test_redacted_captures_keep_whose_code_it_is(environment: Environment, cwd: Path) -> None:
    (cwd / "app.py").write_text("import served.cli\nserved.cli.main()\n")
    script = str(environment.path / "bin" / "served")
    cells = "for name in ('<ipython-input-3-1a>', '/tmp/ipykernel_7/1.py'):\n"
    cells += "    exec(compile('K = [bytes(3000)] * 9', name, 'exec'), {})\n"
    (cwd / "cells.py").write_text(cells)
    for words, options in (
        ((script,), ()),
        (("-m", "served.cli"), ()),
        (("app.py",), ()),
        (("app.py",), ("--user-code", "served")),
        (("cells.py",), ()),
    ):
        environment.own(cwd, *words, options=options)
        with memscope.load(cwd / "run.mscope") as plain:
            redacted = RedactedCapture(plain)
            before, after = Stacks(plain), Stacks(redacted)
            nodes = range(1, len(plain.tables.nodes.parent))
            assert [before.origin(node) for node in nodes] == [after.origin(node) for node in nodes]
            assert Origin.OWN in {before.origin(node) for node in nodes}
            assert "served." not in str(redacted.meta)
            assert str(cwd.parent) not in str(redacted.meta)
