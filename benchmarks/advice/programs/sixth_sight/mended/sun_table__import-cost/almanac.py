import math

from calendars import day_count, quarter_starts


class Almanac:
    def __init__(self, year):
        self.year_no = year
        self.days = day_count(year)

    def declination(self, day):
        return 0.40928 * math.sin(2 * math.pi * (day - 80) / self.days)

    def year(self, latitude):
        phi = math.radians(latitude)
        for day in range(1, self.days + 1):
            cosine = -math.tan(phi) * math.tan(self.declination(day))
            yield day, 24 / math.pi * math.acos(max(-1.0, min(1.0, cosine)))

    def season_starts(self):
        return [start.isoformat() for start in quarter_starts(self.year_no)]
