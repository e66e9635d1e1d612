"""Build the C extensions; everything else stands in pyproject.toml.

MEMSCOPE_DEBUG=1 builds without optimisation; MEMSCOPE_WERROR=1 makes every warning an error;
MEMSCOPE_CHECK_WALKS=1 holds every stack against a walk of the whole stack, at run time.
MEMSCOPE_SANITIZE=address,undefined (or thread) adds the compiler's sanitizers.
C_COVERAGE=DIR counts lines as they run, for `make coverage`.
"""

import os
import zlib
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

CEXT = Path("cext")
TESTING = sorted(CEXT.glob("testing/*.c"))
NATIVE = sorted(CEXT.glob("native/*.c"))
WITNESS = [*CEXT.glob("witness/*.c"), CEXT / "shared" / "procfs.c"]
COLUMNS = [*CEXT.glob("reading/*.c"), CEXT / "python" / "columnsmodule.c"]
PARTS = [*CEXT.glob("witness/*.c"), *CEXT.glob("supervising/*.c")]
OTHERS = {*TESTING, *NATIVE, *COLUMNS, *PARTS}
RECORDER = [path for path in CEXT.glob("*/*.c") if path not in OTHERS]
SUPERVISOR = [*CEXT.glob("supervising/*.c")]
SUPERVISOR += [
    path for part in ("shared", "ledger", "capture", "drain") for path in CEXT.glob(f"{part}/*.c")
]
HEADERS = sorted(map(str, CEXT.glob("*/*.h")))
# What the Python files rely on. They hold it against what was compiled (memscope/compiled.py).
DECLARED = ["memscope/_recorder.pyi", "memscope/capture/_columns.pyi"]
INTERFACE = 0
for declared in DECLARED:
    INTERFACE = zlib.crc32(Path(declared).read_bytes(), INTERFACE)

compile_args = ["-std=c11", "-fvisibility=hidden", "-Wall", "-Wextra"]
link_args = ["-pthread", "-lm", "-ldl"]
if os.environ.get("MEMSCOPE_DEBUG"):
    compile_args += ["-O0", "-g3"]
else:
    compile_args += ["-O3", "-fno-semantic-interposition", "-fno-plt"]
    # Where in a cache line a hook begins made 2 ns a call, half of its cost, and changed with every
    # file before it.
    compile_args += ["-falign-functions=64"]
if os.environ.get("MEMSCOPE_WERROR"):
    compile_args += ["-Wshadow", "-Werror"]
if os.environ.get("MEMSCOPE_CHECK_WALKS"):
    compile_args += ["-DMS_CHECK_WALKS=1"]
if sanitizers := os.environ.get("MEMSCOPE_SANITIZE"):
    compile_args += [f"-fsanitize={sanitizers}", "-fno-omit-frame-pointer"]
    link_args += [f"-fsanitize={sanitizers}"]
if os.environ.get("C_COVERAGE"):
    compile_args += ["--coverage", "-fprofile-update=atomic", "-O1"]
    link_args += ["--coverage"]
    RECORDER.append(Path(".ci/coverage/write.c"))


class Executable(Extension):
    """A program without Python: beside the extensions, and named as they are but for ".so"."""


class BuildExt(build_ext):
    def get_ext_filename(self, fullname: str) -> str:
        name = super().get_ext_filename(fullname)
        if isinstance(self.ext_map.get(fullname), Executable):
            return name.removesuffix(".so")
        return name

    def build_extension(self, ext: Extension) -> None:
        if not isinstance(ext, Executable):
            super().build_extension(ext)
            return
        # What an extension has, too, is compiled already, with the same flags.
        todo = [name for name in ext.sources if not self._has_object(name)]
        self.compiler.compile(
            todo,
            output_dir=self.build_temp,
            macros=ext.define_macros,
            include_dirs=ext.include_dirs,
            extra_postargs=ext.extra_compile_args,
            depends=ext.depends,
        )
        objects = self.compiler.object_filenames(ext.sources, output_dir=self.build_temp)
        path = Path(self.get_ext_fullpath(ext.name))
        self.compiler.link_executable(
            objects, path.name, str(path.parent), extra_postargs=ext.extra_link_args
        )

    def _has_object(self, source: str) -> bool:
        (made,) = self.compiler.object_filenames([source], output_dir=self.build_temp)
        newest = max(os.path.getmtime(path) for path in [source, *HEADERS])
        return os.path.exists(made) and os.path.getmtime(made) > newest


def extension(name: str, sources: list[Path], kind: type[Extension] = Extension) -> Extension:
    return kind(
        name,
        sources=sorted(map(str, sources)),
        depends=[*HEADERS, *DECLARED],
        define_macros=[("MS_INTERFACE", f"{INTERFACE}LL")],
        include_dirs=[str(CEXT)],
        extra_compile_args=compile_args,
        extra_link_args=link_args,
    )


class BuildPy(build_py):
    """Puts beside the packages what has MEMSCOPE_LISTEN=1 heard in any program (decision 0051).

    An editable installation has none: there programs call memscope.listen().
    """

    START = "memscope_listen.pth"

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            self.copy_file(self.START, os.path.join(self.build_lib, self.START))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        added = [] if self.editable_mode else [os.path.join(self.build_lib, self.START)]
        return [*super().get_outputs(include_bytecode), *added]


setup(
    cmdclass={"build_ext": BuildExt, "build_py": BuildPy},
    ext_modules=[
        extension("memscope._recorder", RECORDER),
        extension("memscope.capture._columns", COLUMNS),
        extension("memscope._testing", TESTING),
        extension("memscope._native", NATIVE),  # no module: it is preloaded (cext/native/preload.c)
        extension("memscope._witness", WITNESS, Executable),
        extension("memscope._supervisor", SUPERVISOR, Executable),
    ],
)
