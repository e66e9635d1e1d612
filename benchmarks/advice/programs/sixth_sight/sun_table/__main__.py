import argparse

from almanac import Almanac


def main(argv=None):
    parser = argparse.ArgumentParser(description="Print a short sun table")
    parser.add_argument("--year", type=int, default=2023)
    parser.add_argument("--places", type=int, default=450)
    args = parser.parse_args(argv)
    almanac = Almanac(args.year)
    longest = (0.0, None)
    total = 0.0
    for place in range(args.places):
        latitude = -60 + 120 * place / args.places
        for day, hours in almanac.year(latitude):
            total += hours
            longest = max(longest, (hours, (round(latitude, 2), day)))
    print(f"{total:.3f} hours, longest {longest[0]:.4f} {longest[1]}")
    print("season starts", almanac.season_starts())


if __name__ == "__main__":
    main()
