"""The station register."""
import csv

REGIONS = ("north", "south", "coast", "alps")


def sample_csv(count):
    yield "id,region,lat,lon,height,temperature"
    for n in range(count):
        yield (
            f"ST{n:06d},{REGIONS[n % 4]},{n * 37 % 9000 / 100},{n * 53 % 18000 / 100},"
            f"{n * 71 % 3000},{n * 13 % 400 / 10 - 10:.1f}"
        )


class StationBook:
    def __init__(self):
        self.rows = []

    def __len__(self):
        return len(self.rows)

    def load(self, lines):
        for row in csv.DictReader(lines):
            self.rows.append(
                {  # advise: compact
                    "id": row["id"],
                    "region": REGIONS[REGIONS.index(row["region"])],
                    "lat": float(row["lat"]),
                    "lon": float(row["lon"]),
                    "height": int(row["height"]),
                    "temperature": float(row["temperature"]),
                }
            )

    def highest(self, region):
        rows = (row for row in self.rows if row["region"] == region)
        return max(rows, key=lambda row: (row["height"], row["id"]))["id"]

    def mean_temperature(self, region):
        count = total = 0
        for row in self.rows:
            if row["region"] == region:
                count += 1
                total += row["temperature"]
        return round(total / count, 3)

    def count_within(self, south, west, north, east):
        return sum(
            south <= row["lat"] <= north and west <= row["lon"] <= east for row in self.rows
        )
