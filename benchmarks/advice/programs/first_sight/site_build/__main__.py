import tempfile
import zlib

from content import pages, write_sources
from render import Site


def build(folder, site):
    check = size = 0
    for page in pages(folder):
        html = site.page(page)
        size += len(html)
        check = zlib.crc32(html.encode(), check)
    for html in site.tag_pages():
        size += len(html)
        check = zlib.crc32(html.encode(), check)
    return size, check


def main():
    site = Site("Weather notes")
    with tempfile.TemporaryDirectory() as folder:
        write_sources(folder, 1800)
        size, check = build(folder, site)
    print("written", site.written, "size", size, "check", check)
    print({tag: len(entries) for tag, entries in sorted(site.index.items())})


if __name__ == "__main__":
    main()
