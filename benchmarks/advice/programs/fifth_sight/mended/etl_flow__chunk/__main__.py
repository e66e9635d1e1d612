from flow import Flow
from sinks import Totals
from sources import meter_lines

flow = Flow("meters")
TARIFF = {"A": 1.0, "B": 0.82}


@flow.stage
def parse(lines):
    for line in lines:
        if line.startswith("#"):
            continue
        number, city, watt, tariff, day = line.split(";")
        yield {"meter": int(number), "city": city, "watt": int(watt),
               "tariff": tariff, "day": int(day)}


@flow.stage
def drop_outliers(records):
    for record in records:
        if 50 <= record["watt"] <= 8800:
            yield record


@flow.stage
def convert(records):
    for record in records:
        record["kwh"] = record["watt"] * 24 * TARIFF[record["tariff"]] / 1000
        yield record


def main():
    totals = flow.run(meter_lines(110_000), Totals())
    print(dict(flow.counts))
    for city in sorted(totals.energy):
        print(city, round(totals.energy[city], 1), totals.peak[city])


if __name__ == "__main__":
    main()
