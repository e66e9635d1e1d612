import numpy as np
import pandas as pd


class MeterData:
    def __init__(self, meters, readings, seed):
        rng = np.random.default_rng(seed)
        size = meters * readings
        self.frame = pd.DataFrame({
            "meter": np.repeat(np.arange(meters), readings),
            "hour": np.tile(np.arange(readings) % 24, meters),
            "kwh": rng.gamma(2.0, 0.4, size),
            "voltage": rng.normal(230, 3, size),
        })

    def total(self):
        return float(self.frame["kwh"].sum())


class Settlement:
    tariff = {"day": 0.31, "night": 0.22}

    def __init__(self, data):
        self.data = data
        self.work = data.frame.copy()

    def price(self):
        night = (self.work["hour"] < 6) | (self.work["hour"] >= 22)
        rate = np.where(night, self.tariff["night"], self.tariff["day"])
        self.work["cost"] = self.work["kwh"] * rate

    def bills(self):
        return self.work.groupby("meter")["cost"].sum()

    def voltage_faults(self):
        return int((self.work["voltage"] < 220).sum())


def main():
    data = MeterData(meters=700, readings=2_500, seed=14)
    settlement = Settlement(data)
    settlement.price()
    bills = settlement.bills()
    print(round(data.total(), 3), len(bills), settlement.voltage_faults())
    for meter, cost in bills.nlargest(3).items():
        print(meter, round(cost, 3))


if __name__ == "__main__":
    main()
