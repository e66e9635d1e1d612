"""What the recorder and the reader of captures both know is the same in C and in Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from memscope import _recorder
from memscope.capture import format as capture_format

CEXT = Path(__file__).parents[2] / "cext"
DEFINE = re.compile(r"^#define (MS_\w+) (?:UINT64_C\()?(\d+)u?\)?(?: |$)", re.MULTILINE)
MEMBER = re.compile(r"^ +MS_(\w+) = (\d+),", re.MULTILINE)
PAGE = Path(capture_format.__file__).parents[1] / "reports" / "assets"


def defined_in(header: str) -> dict[str, int]:
    text = (CEXT / header).read_text()
    return {name: int(value) for name, value in DEFINE.findall(text)}


def test_domains_are_the_same_in_the_same_order() -> None:
    assert _recorder.DOMAINS == capture_format.DOMAINS
    assert set(capture_format.POOLED_DOMAINS) <= set(capture_format.DOMAINS)
    text = (CEXT / "shared/domain.h").read_text()
    pooled = re.search(r"return (domain == MS_\w+(?: \|\| domain == MS_\w+)*);", text)
    assert pooled is not None
    names = [name.lower() for name in re.findall(r"MS_(\w+)", pooled[1])]
    assert tuple(names) == capture_format.POOLED_DOMAINS


@pytest.mark.parametrize(
    ("header", "name", "value"),
    [
        ("shared/sizeclass.h", "MS_SMALL_MAX", capture_format.PYMALLOC_LARGEST_BYTES),
        ("shared/sizeclass.h", "MS_SMALL_CLASSES", capture_format.PYMALLOC_CLASSES),
        ("shared/arena.h", "MS_POOL_BYTES", capture_format.POOL_BYTES),
        ("shared/arena.h", "MS_POOL_HEADER_BYTES", capture_format.POOL_HEADER_BYTES),
        ("shared/sampler.h", "MS_SAMPLE_UNIT", capture_format.SAMPLED_UNIT),
        ("ledger/lifetimes.h", "MS_BYTE_BUCKETS", capture_format.LIFETIME_BYTE_BUCKETS),
        ("ledger/lifetimes.h", "MS_TIME_BUCKETS", capture_format.LIFETIME_TIME_BUCKETS),
    ],
)
def test_numbers_are_the_same(header: str, name: str, value: int) -> None:
    assert defined_in(header)[name] == value


def test_frames_have_the_same_names_and_numbers() -> None:
    members = MEMBER.findall((CEXT / "capture/writer.h").read_text())
    frames = {
        name.removeprefix("FRAME_"): int(number)
        for name, number in members
        if name.startswith("FRAME_")
    }
    assert len(frames) >= 18
    known = {kind.name: int(kind) for kind in capture_format.FrameKind}
    assert frames.items() <= known.items()


def test_the_page_has_a_colour_for_each_domain() -> None:
    style = (PAGE / "page.css").read_text()
    for name in capture_format.DOMAINS:
        assert style.count(f"--{name}: #") == style.count("--resident: #") > 0
        assert f".{name} {{ background: var(--{name}); }}" in style


def test_the_page_names_no_domain_itself() -> None:
    scripts = "".join(path.read_text() for path in PAGE.glob("*.mjs"))
    assert "domains" in scripts
    for name in capture_format.DOMAINS:
        assert not re.search(rf"\b{name}_bytes\b|[\"']{name}[\"']", scripts), name
