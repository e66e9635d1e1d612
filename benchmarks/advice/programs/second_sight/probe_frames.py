"""Decodes telemetry frames of a probe with protobuf messages defined on the spot."""
import random

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def frame_class():
    file = descriptor_pb2.FileDescriptorProto(name="probe.proto", package="probe", syntax="proto3")
    frame = file.message_type.add(name="Frame")
    F = descriptor_pb2.FieldDescriptorProto
    frame.field.add(name="kind", number=1, type=F.TYPE_INT32, label=F.LABEL_OPTIONAL)
    frame.field.add(name="note", number=2, type=F.TYPE_STRING, label=F.LABEL_OPTIONAL)
    frame.field.add(name="values", number=3, type=F.TYPE_DOUBLE, label=F.LABEL_REPEATED)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("probe.Frame"))


Frame = frame_class()


class Station:
    def __init__(self):
        self.handlers = {}
        self.unclaimed = []
        self.total = 0.0

    def handles(self, kind):
        def register(function):
            self.handlers[kind] = function
            return function
        return register

    def receive(self, raw):
        frame = Frame.FromString(raw)
        handler = self.handlers.get(frame.kind)
        if handler is None:
            self.unclaimed.append(raw)
        else:
            handler(frame)


station = Station()


@station.handles(1)
def temperature(frame):
    station.total += sum(frame.values)


@station.handles(4)
def pressure(frame):
    station.total -= max(frame.values)


def transmissions(count, seed):
    rng = random.Random(seed)
    for number in range(count):
        values = [rng.random() for _ in range(rng.randint(20, 60))]
        yield Frame(kind=rng.randrange(6), note=f"pass {number}", values=values).SerializeToString()


def main():
    for raw in transmissions(45_000, 1):
        station.receive(raw)
    print("%.6f" % station.total, sorted(station.handlers))


if __name__ == "__main__":
    main()
