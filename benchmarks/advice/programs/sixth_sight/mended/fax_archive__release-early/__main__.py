from archive import Archive
from scans import pages


def main():
    archive = Archive()
    for number in range(8):
        archive.add(pages(number, 300))
    archive.finish()
    print(archive.report())


if __name__ == "__main__":
    main()
