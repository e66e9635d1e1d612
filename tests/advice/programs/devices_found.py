"""Devices that a table keeps until the end: as many are alive as were ever made."""

FOUND = {}


class Device:
    def __init__(self, number):
        self.readings = [str(i) for i in range(30)]
        self.limits = {"low": [0.5], "high": [1.5]}
        FOUND[number] = self  # advise: leak


def probe(number):
    device = Device(number)
    return len(device.readings)


def main():
    print(sum(probe(number) for number in range(12_000)))


main()
