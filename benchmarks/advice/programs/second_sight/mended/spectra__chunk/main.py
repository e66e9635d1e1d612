"""Energy of a long synthetic signal, window by window."""
from signal_source import samples, windows
from measures import energies, loudest, quiet


def main():
    signal = samples(800_000)
    levels = list(energies(windows(signal, 2000)))
    print("windows", len(levels))
    print("loudest %d %.3f" % loudest(levels))
    print("quiet", quiet(levels, 200.0))


if __name__ == "__main__":
    main()
