"""Strip-chart recorder for a bench of simulated thermocouples."""
import numpy as np


class Recorder:
    def __init__(self, channels):
        self.channels = channels
        self.samples = []
        self.alarms = 0

    def push(self, reading):
        self.samples.append(reading.copy())
        if reading.max() > 96.0:
            self.alarms += 1

    def summary(self):
        s = np.array(self.samples)
        return s.shape[0], float(s.mean()), float(np.abs(np.diff(s, axis=0)).max())


def bench(rng, channels, steps):
    state = np.full(channels, 60.0)
    for step in range(steps):
        pull = (75.0 - state) * 0.02
        state = state + pull + rng.normal(0, 1.5, channels)
        if step % 1000 == 999:
            state[step % channels] += 18
        yield state


def main():
    rng = np.random.default_rng(14)
    recorder = Recorder(12)
    for reading in bench(rng, 12, 9000):
        recorder.push(reading)
    count, mean, jump = recorder.summary()
    print(f"{count} samples, mean {mean:.3f}, largest jump {jump:.3f}, alarms {recorder.alarms}")


if __name__ == "__main__":
    main()
