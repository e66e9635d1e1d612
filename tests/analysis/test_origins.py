"""Own code, libraries and the standard library are told apart."""

from __future__ import annotations

import pytest

from memscope.analysis.origins import Origin, Origins
from memscope.capture.description import Meta, Prefixes

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
