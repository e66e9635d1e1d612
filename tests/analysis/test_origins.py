"""User code, libraries and the standard library are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from memscope.analysis.origins import Origin, Origins
from memscope.capture.description import Meta, Prefixes, Project
from memscope.capture.model import Codes, Nodes, Rows, Tables

PREFIXES = Prefixes(("/usr/lib/python3.12",), ("/usr/lib/python3.12/site-packages", "/venv/lib/"))


def origins(main: str = "app.py", cwd: str = "/home/me/app") -> Origins:
    return Origins(Meta(main=main, cwd=cwd, prefixes=PREFIXES))


@pytest.mark.parametrize(
    ("file", "origin"),
    [
        ("/home/me/app/app.py", Origin.OWN),
        ("/home/me/app/shop/cart.py", Origin.OWN),
        ("/srv/elsewhere.py", Origin.OWN),
        ("relative.py", Origin.OWN),
        ("/usr/lib/python3.12/json/decoder.py", Origin.STDLIB),
        ("/usr/lib/python3.12/site-packages/yaml/loader.py", Origin.LIBRARY),
        ("/usr/lib/python3.120/mine.py", Origin.OWN),
        ("/venv/lib/x.py", Origin.LIBRARY),
        ("<frozen importlib._bootstrap>", Origin.STDLIB),
        ("<attrs generated init shop.Cart>", Origin.LIBRARY),
        ("<string>", Origin.LIBRARY),
        ("<ipython-input-3-1a2b3c>", Origin.OWN),
        ("", Origin.LIBRARY),
    ],
)
def test_where_a_file_lies_says_whose_it_is(file: str, origin: Origin) -> None:
    assert origins().of(file) is origin


def test_code_from_the_command_line_is_own() -> None:
    assert origins(main="-c").of("<string>") is Origin.OWN
    assert origins(main="-c").of("<attrs generated>") is Origin.LIBRARY


def test_the_program_itself_is_own_wherever_it_lies() -> None:
    script = "/usr/lib/python3.12/site-packages/tool.py"
    assert origins(main=script).of(script) is Origin.OWN
    module = origins(main="-m json.tool")
    assert module.of("/usr/lib/python3.12/json/tool.py") is Origin.OWN
    assert module.of("/usr/lib/python3.12/json/decoder.py") is Origin.OWN
    assert module.of("/usr/lib/python3.12/jsonic.py") is Origin.STDLIB
    assert module.of("/usr/lib/python3.12/re/__init__.py") is Origin.STDLIB


def test_a_relative_script_is_found_from_where_it_was_started() -> None:
    lying_in_stdlib = Origins(
        Meta(main="tool.py", cwd="/usr/lib/python3.12/site-packages", prefixes=PREFIXES)
    )
    assert lying_in_stdlib.of("/usr/lib/python3.12/site-packages/tool.py") is Origin.OWN


@pytest.mark.parametrize(
    ("file", "short"),
    [
        ("/home/me/app/shop/cart.py", "shop/cart.py"),
        ("/usr/lib/python3.12/json/decoder.py", "json/decoder.py"),
        ("/usr/lib/python3.12/site-packages/yaml/loader.py", "yaml/loader.py"),
        ("/srv/elsewhere.py", "/srv/elsewhere.py"),
        ("/lib/x86_64-linux-gnu/libc.so.6", "libc.so.6"),
        (
            "/usr/lib/python3.12/site-packages/lxml/etree.cpython-312-x86_64-linux-gnu.so",
            "lxml/etree.so",
        ),
        ("/usr/lib/python3.12/site-packages/_cffi.abi3.so", "_cffi.so"),
        ("<frozen importlib._bootstrap>", "importlib._bootstrap"),
        ("<string>", "<string>"),
    ],
)
def test_short_names(file: str, short: str) -> None:
    assert origins().short(file) == short


def test_a_program_started_from_elsewhere_is_named_from_its_folder() -> None:
    told = Origins(Meta(main="/srv/app/run.py", cwd="/", prefixes=PREFIXES))
    assert told.short("/srv/app/run.py") == "run.py"
    assert told.short("/srv/app/shop/cart.py") == "shop/cart.py"


# ---- what was started ----------------------------------------------------------------------------

SITE = "/usr/lib/python3.12/site-packages"
STUB = "/usr/bin/shopd"


def recorded(
    calls: Sequence[tuple[str, str]], stack: Sequence[int] = (), **meta: object
) -> Origins:
    """Origins of a capture with these (file, function); stack: indices of nested calls."""
    files, functions = ["", *(file for file, _ in calls)], ["", *(name for _, name in calls)]
    parents, codes = [0, 0], [0, 0]
    for index in stack:
        parents.append(len(codes) - 1)
        codes.append(index + 1)
    tables = Tables(
        Codes(files, functions, [1] * len(files)),
        Nodes(parents, codes, [1] * len(codes)),
        (),
        (),
        Rows((), (), (), ()),
    )
    described: dict[str, Any] = {"cwd": "/home/me/app", "prefixes": PREFIXES, **meta}
    return Origins(Meta(**described), tables)


INSTALLED = [(STUB, "<module>"), (f"{SITE}/shopd/cli.py", "main"), (f"{SITE}/yaml/load.py", "load")]


def test_an_installed_program_is_user_code_and_its_entry_point_is_none() -> None:
    told = recorded(INSTALLED, main=STUB, project=Project((f"{SITE}/shopd",), is_stub=True))
    assert told.of(f"{SITE}/shopd/cli.py") is Origin.OWN
    assert told.of(f"{SITE}/yaml/load.py") is Origin.LIBRARY
    assert told.of(STUB) is Origin.LIBRARY


def test_without_metadata_an_entry_point_starts_what_it_calls() -> None:
    told = recorded(INSTALLED, stack=[0, 1, 2], main=STUB)
    assert [told.of(file) for file, _ in INSTALLED] == [
        Origin.LIBRARY,
        Origin.OWN,
        Origin.LIBRARY,
    ]


def test_a_script_beside_the_interpreter_with_functions_is_a_program() -> None:
    told = recorded([*INSTALLED, (STUB, "work")], stack=[0, 1, 2], main=STUB)
    assert told.of(STUB) is Origin.OWN
    assert told.of(f"{SITE}/shopd/cli.py") is Origin.LIBRARY


@pytest.mark.parametrize(
    ("file", "function", "is_program"),
    [
        ("/home/me/app/shop/wsgi.py", "application", True),
        ("/srv/editable/src/shop/wsgi.py", "application", True),
        ("/home/me/app/gunicorn.conf.py", "when_ready", False),  # settings
        ("/home/me/app/settings.py", "<module>", False),
        ("/home/me/app/templates/base.html", "root", False),
        ("/home/me/app/wsgi.py", "<module>", True),  # named on the command line
        ("/usr/lib/python3.12/json/decoder.py", "decode", False),
        ("/home/me/app/.venv/lib/python3.13/site-packages/yaml/load.py", "load", False),
        ("/home/me/app/wheels/yaml-6.0-py3-none-any.whl/yaml/load.py", "load", False),
        ("/etc/python3.12/sitecustomize.py", "hook", False),
        ("/tmp/ipykernel_17/2031.py", "<module>", True),
    ],
)
@pytest.mark.parametrize("main", ["-m liftoff", "/usr/bin/liftoff", f"{SITE}/liftoff/run.py"])
def test_whatever_runs_a_program_of_the_users_is_a_library(
    main: str, file: str, function: str, is_program: bool
) -> None:
    server = f"{SITE}/liftoff/run.py"
    calls = [(main, "<module>"), (server, "run"), (file, function)]
    command = ("python", "liftoff", "wsgi:app")
    told = recorded(calls, stack=[0, 1, 2], main=main, command=command)
    assert told.of(server) is (Origin.LIBRARY if is_program else Origin.OWN)
    if is_program:
        assert told.of(file) is Origin.OWN


def test_what_a_server_is_given_is_user_code_although_it_is_installed() -> None:
    calls = [(f"{SITE}/gunicorn/run.py", "run"), (f"{SITE}/shopd/wsgi.py", "app")]
    command = ("python", "-m", "gunicorn", "--workers", "2", "shopd.wsgi:app")
    told = recorded(calls, main="-m gunicorn", command=command)
    assert [told.of(file) for file, _ in calls] == [Origin.LIBRARY, Origin.OWN]
    served = Project((f"{SITE}/gunicorn",), (f"{SITE}/shopd",))
    told = recorded(calls, main="-m gunicorn", command=command, project=served)
    assert [told.of(file) for file, _ in calls] == [Origin.LIBRARY, Origin.OWN]


def test_what_was_installed_from_a_directory_of_source_is_user_code() -> None:
    calls = [(f"{SITE}/_pytest/main.py", "main"), (f"{SITE}/shopd/store.py", "load")]
    told = recorded(calls, main="-m pytest", project=Project(local=(f"{SITE}/shopd",)))
    assert [told.of(file) for file, _ in calls] == [Origin.LIBRARY, Origin.OWN]


def test_libraries_among_the_programs_own_files_are_libraries() -> None:
    archive = "/srv/app.pyz"
    told = recorded([], main=archive, project=Project(bundled=(f"{archive}/yaml",)))
    assert told.of(f"{archive}/__main__.py") is Origin.OWN
    assert told.of(f"{archive}/shop/cart.py") is Origin.OWN
    assert told.of(f"{archive}/yaml/load.py") is Origin.LIBRARY
    assert told.of(f"{archive}/yamlish.py") is Origin.OWN


def test_tests_that_the_standard_library_runs_are_the_program() -> None:
    calls = [
        ("/usr/lib/python3.12/unittest/case.py", "run"),
        ("/home/me/app/test_it.py", "<module>"),
    ]
    told = recorded(calls, main="-m unittest")
    assert [told.of(file) for file, _ in calls] == [Origin.STDLIB, Origin.OWN]


def test_a_namespace_package_lends_only_its_name() -> None:
    calls = [(f"{SITE}/acme/shop/__init__.py", "<module>"), (f"{SITE}/acme/base/io.py", "read")]
    told = recorded(calls, main="-m acme.shop")
    assert [told.of(file) for file, _ in calls] == [Origin.OWN, Origin.LIBRARY]


def test_a_project_beside_the_installed_packages() -> None:
    script = "/usr/lib/python3.12/shop/run.py"
    told = recorded([(script, "main")], main=script)
    assert told.of(script) is Origin.OWN
    assert told.of("/usr/lib/python3.12/shop/cart.py") is Origin.OWN
    assert told.of("/usr/lib/python3.12/json/decoder.py") is Origin.STDLIB


# ---- what is named -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "own"),
    [
        ("yaml", {f"{SITE}/yaml/load.py", "/home/me/app/yaml/mine.py"}),
        ("yaml.load", {f"{SITE}/yaml/load.py"}),
        ("six", {f"{SITE}/six.py"}),
        ("json", {"/usr/lib/python3.12/json/decoder.py"}),
        ("/home/me/app/lib", {"/home/me/app/lib/a.py"}),
        ("/home/me/app/tool.py", {"/home/me/app/tool.py"}),
        ("yam", set()),
        ("site", set()),
    ],
)
def test_only_what_is_named_is_user_code_and_the_script(named: str, own: set[str]) -> None:
    files = {
        f"{SITE}/yaml/load.py",
        f"{SITE}/six.py",
        "/usr/lib/python3.12/json/decoder.py",
        "/home/me/app/yaml/mine.py",
        "/home/me/app/lib/a.py",
        "/home/me/app/tool.py",
    }
    told = recorded([(file, "f") for file in files], main="/home/me/app/run.py", user_code=(named,))
    assert {file for file in files if told.of(file) is Origin.OWN} == own
    assert told.of("/home/me/app/run.py") is Origin.OWN
    assert told.unmatched == (() if own else (named,))


# ---- what has no path ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "origin"),
    [
        ("app.py", Origin.OWN),
        ("shop/cart.py", Origin.OWN),
        ("json/decoder.py", Origin.STDLIB),
        ("_weakrefset.py", Origin.STDLIB),
        ("click/core.py", Origin.LIBRARY),  # installed here
        ("rich/console.py", Origin.LIBRARY),
        ("<frozen shop.cart>", Origin.OWN),
        ("<frozen click.core>", Origin.LIBRARY),
        ("<frozen zipimport>", Origin.STDLIB),
        ("<doctest shop.cart[0]>", Origin.OWN),
        ("<__array_function__ internals>", Origin.LIBRARY),
    ],
)
def test_of_a_frozen_program_only_names_are_left(file: str, origin: Origin) -> None:
    assert origins(main="/opt/shop/shop", cwd="/").of(file) is origin


def test_the_cells_of_a_notebook_are_told_by_their_numbers() -> None:
    files = [
        "/tmp/ipykernel_4711/3058764.py",
        "/tmp/ipykernel_4711/99.py",
        "<ipython-input-7-1a2b3c>",
        "/tmp/ipython-input-12-77.py",
        "/home/me/ipykernel_4711/mine.py",
    ]
    told = recorded([(file, "<module>") for file in files], cells={files[1]: 3})
    assert [told.short(file) for file in files] == [
        "cell #1",
        "cell [3]",
        "cell [7]",
        "cell [12]",
        "/home/me/ipykernel_4711/mine.py",
    ]
    assert all(told.of(file) is Origin.OWN for file in files)


@pytest.mark.parametrize("name", ["gunicorn", "uvicorn", "celery", "flask", "pytest"])
def test_known_launchers_are_libraries_even_alone(name: str) -> None:
    module, stub = f"{SITE}/{name}/app.py", f"/venv/bin/{name}"
    by_metadata = Project((f"{SITE}/{name}",), is_stub=True)
    for told in (
        recorded([(module, "run")], main=f"-m {name}"),
        recorded([(stub, "<module>"), (module, "run")], stack=[0, 1], main=stub),
        recorded([(module, "run")], main=stub, project=by_metadata),
        recorded([(module, "run")], main=module),
        Origins(Meta(main=f"-m {name}", prefixes=PREFIXES)),
    ):
        assert told.of(module) is Origin.LIBRARY
    flat = "/home/me/app/app.py"
    assert recorded([(flat, "<module>")], main=f"-m {name}").of(flat) is Origin.OWN
    # Who works on one has it outside of the installed packages.
    source = f"/home/me/{name}/src/{name}/app.py"
    assert recorded([(source, "run")], main=f"-m {name}").of(source) is Origin.OWN


@pytest.mark.parametrize("outside", ["/home/me/app/shop.py", ""])
def test_a_script_that_was_installed_as_it_is_belongs_to_its_package(outside: str) -> None:
    script, module = "/venv/bin/shop-admin", f"{SITE}/shopd/admin.py"
    calls = [(script, "<module>"), (module, "run"), (outside, "run")]
    told = recorded(calls, main=script, project=Project((f"{SITE}/shopd",)))
    assert told.of(module) is (Origin.LIBRARY if outside else Origin.OWN)
    assert told.of(script) is (Origin.LIBRARY if outside else Origin.OWN)


@pytest.mark.parametrize("named", [(), ("shop",)])
@pytest.mark.parametrize(
    ("file", "origin"),
    [
        ("app.py", Origin.OWN),
        ("json/decoder.py", Origin.STDLIB),
        ("argparse.py", Origin.STDLIB),
        ("nowhere_installed/core.py", Origin.LIBRARY),
        ("application.py", Origin.LIBRARY),
        ("/build/lib/python3.12/json/decoder.py", Origin.STDLIB),
        ("/build/lib/python3.12/site-packages/yaml/load.py", Origin.LIBRARY),
    ],
)
def test_what_a_program_that_says_it_is_frozen_holds(
    file: str, origin: Origin, named: tuple[str, ...]
) -> None:
    frozen = {"main": "/opt/app/app", "frozen": True, "main_packages": ("app",)}
    told = recorded([(file, "run"), ("shop/cart.py", "run")], user_code=named, **frozen)
    assert told.of(file) is origin
    assert told.of("shop/cart.py") is (Origin.OWN if named else Origin.LIBRARY)


def test_statements_given_to_timeit_are_user_code() -> None:
    told = recorded([("<timeit-src>", "inner")], main="-m timeit")
    assert told.of("<timeit-src>") is Origin.OWN
    assert told.of("/usr/lib/python3.12/timeit.py") is Origin.STDLIB
