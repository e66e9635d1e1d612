"""A program that uses tracemalloc: what it is told must be what it would be told anyway."""

import linecache
import tracemalloc


def blocks():
    return [bytearray(1000) for _ in range(100)]


def strings():
    return {n: str(n) * 3 for n in range(1000)}


def own(snapshot):
    return snapshot.filter_traces([tracemalloc.Filter(True, __file__)])


def measure():
    tracemalloc.start(3)
    kept = blocks()
    table = strings()
    first = own(tracemalloc.take_snapshot())
    lines = [
        (
            linecache.getline(__file__, statistic.traceback[0].lineno),
            statistic.size,
            statistic.count,
        )
        for statistic in first.statistics("lineno")
    ]
    place = tracemalloc.get_object_traceback(kept[3])
    del kept[50:]
    second = own(tracemalloc.take_snapshot())
    differences = [
        (difference.traceback[0].lineno, difference.size_diff, difference.count_diff)
        for difference in second.compare_to(first, "lineno")
    ]
    tracemalloc.stop()
    return lines, place, differences, tracemalloc.get_traced_memory(), len(table)


measure()  # once for nothing: free lists and caches are then as they will be
lines, place, differences, traced, count = measure()
for line, size, blocks_count in lines:
    if "return [" in line or "return {" in line:
        print(line.strip(), size, blocks_count)
print(place)
print([difference for difference in differences if difference[0] == 8])
print(traced, count, tracemalloc.is_tracing())
