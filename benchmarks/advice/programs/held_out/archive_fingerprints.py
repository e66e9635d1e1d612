"""Fingerprint the files of an archive folder with a small pool of threads."""

import hashlib
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def fill_archive(folder: Path) -> None:
    """Three scans of different length, written page by page."""
    for name, pages in (("deeds.tif", 420), ("maps.tif", 610), ("wills.tif", 380)):
        with open(folder / name, "wb") as out:
            for page in range(pages):
                out.write(f"{name} {page:06d}".encode() * 2400)
                out.write(bytes((page * 7) % 256 for _ in range(16)) * 1500)


def fingerprint(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=12)
    with open(path, "rb") as scan:
        digest.update(scan.read())  # advise: chunk
    return digest.hexdigest()


def manifest(folder: Path) -> list[str]:
    paths = sorted(folder.iterdir())
    with ThreadPoolExecutor(max_workers=2) as threads:
        return [
            f"{path.name} {os.path.getsize(path)} {mark}"
            for path, mark in zip(paths, threads.map(fingerprint, paths))
        ]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="archive-") as name:
        folder = Path(name)
        fill_archive(folder)
        lines = manifest(folder)
        for _ in range(4):
            assert manifest(folder) == lines
    print("\n".join(lines))


if __name__ == "__main__":
    main()
