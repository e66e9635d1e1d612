"""Known allocations: arguments are made beforehand, so each line makes only what it says."""

from memscope import _testing

RAW, MEM, OBJ = ("raw", 1000, 700), ("mem", 300, 48), ("obj", 200, 512)
CHURN, ZEROED, EMPTY = ("obj", 5000, 40), ("mem", 100, 513), ("obj", 10, 0)
BEFORE, HUGE = ("mem", 100, 100), ("raw", 1, 200_000_000)


def known():
    raw = _testing.allocate(*RAW)  # hold raw
    mem = _testing.allocate(*MEM)  # hold mem
    obj = _testing.allocate(*OBJ)  # hold obj
    zeroed = _testing.allocate_zeroed(*ZEROED)  # hold zeroed
    empty = _testing.allocate(*EMPTY)  # hold empty
    churned = _testing.allocate(*CHURN)  # churn
    _testing.release(churned)
    before = _testing.allocate(*BEFORE)  # before
    arguments = (before, 10_000)
    _testing.reallocate(*arguments)  # grow
    huge = _testing.allocate(*HUGE)  # huge
    _testing.release(huge)
    return raw, mem, obj, zeroed, empty, before


kept = known()
