import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from notify_hub.audit import AuditCounter
from notify_hub.bus import EventBus
from notify_hub.exports import ExportService


def main():
    rng = random.Random(1)
    bus = EventBus()
    audit = AuditCounter(bus)
    service = ExportService(bus)
    for number in range(3_000):
        service.run(number, rng.randint(300, 1_100))
    bus.publish("shutdown", reason="end of day")
    print(service.finished, bus.published, audit.total, audit.mixed)


if __name__ == "__main__":
    main()
