"""The drain is fed with segments that a program gone wild left behind, guided by coverage.

A bounded run by default; MEMSCOPE_FUZZ_SECONDS makes it longer. segment_corpus.zip holds inputs
that reach all that was ever reached; `python tests/fuzz/test_fuzzers.py DIRECTORY` makes it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CORPUS = HERE / "segment_corpus.zip"
SECONDS = int(os.environ.get("MEMSCOPE_FUZZ_SECONDS", "0"))
GUIDED = "-fsanitize=fuzzer,address,undefined"
# Where there is no guide, the corpus alone: a main program that shows each file to the fuzzer.
PLAYER = """
#include <stdint.h>
#include <stdio.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int main(int count, char **names)
{
    static uint8_t data[1 << 16];
    for (int i = 1; i < count; i++) {
        FILE *file = fopen(names[i], "rb");
        size_t size = fread(data, 1, sizeof data, file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, size);
    }
    return 0;
}
"""


def sources() -> list[str]:
    from cext.test_units import CEXT, pure_sources

    # The program's half is not fuzzed, and parts of it need the hooks.
    parts = (str(path) for path in pure_sources() if path.parent.name != "program")
    return ["-I", str(CEXT), *parts, str(HERE / "segment_fuzzer.c")]


def works(compiler: str | None, flags: list[str], place: Path) -> bool:
    """Whether there is such a compiler with such a sanitizer: what it does with next to nothing."""
    if compiler is None:
        return False
    nothing = place / "nothing.c"
    nothing.write_text(
        "int LLVMFuzzerTestOneInput(void);\nint LLVMFuzzerTestOneInput(void) { return 0; }\n"
    )
    main = place / "main.c"
    main.write_text("" if GUIDED in flags else "int main(void) { return 0; }\n")
    command = [compiler, *flags, "-o", str(place / "nothing"), str(nothing), str(main)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def build(compiler: str, flags: list[str], target: Path) -> None:
    common = ["-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-fno-sanitize-recover=undefined"]
    command = [compiler, *common, *flags, *sources(), "-lm", "-pthread", "-o", str(target)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    place = tmp_path / "corpus"
    with zipfile.ZipFile(CORPUS) as packed:
        packed.extractall(place)
    return place


@pytest.mark.slow
def test_segments_of_the_corpus(tmp_path: Path, corpus: Path) -> None:
    player = tmp_path / "player.c"
    player.write_text(PLAYER)
    compiler, flags = shutil.which("cc"), ["-fsanitize=address,undefined"]
    if not works(compiler, flags, tmp_path):
        pytest.skip("no compiler with AddressSanitizer")
    build(str(compiler), [*flags, str(player)], tmp_path / "player")
    names = sorted(map(str, corpus.iterdir()))
    assert len(names) > 50
    done = subprocess.run([str(tmp_path / "player"), *names], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode(errors="replace")


@pytest.mark.slow
def test_segments_guided_by_coverage(tmp_path: Path, corpus: Path) -> None:
    compiler = shutil.which("clang")
    if not works(compiler, [GUIDED], tmp_path):
        pytest.skip("no clang with libFuzzer")
    build(str(compiler), [GUIDED], tmp_path / "fuzzer")
    limit = [f"-max_total_time={SECONDS}"] if SECONDS else ["-runs=4000", "-seed=1"]
    options = [*limit, "-max_len=4600", "-len_control=0", "-timeout=60", "-rss_limit_mb=3000"]
    done = subprocess.run(
        [str(tmp_path / "fuzzer"), *options, f"-artifact_prefix={tmp_path}/", str(corpus)],
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]


if __name__ == "__main__":
    with zipfile.ZipFile(CORPUS, "w", zipfile.ZIP_DEFLATED) as made:
        for number, path in enumerate(sorted(Path(sys.argv[1]).iterdir())):
            made.writestr(zipfile.ZipInfo(f"{number:03}"), path.read_bytes(), zipfile.ZIP_DEFLATED)
