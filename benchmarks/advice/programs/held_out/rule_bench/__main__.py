"""Runs a list of stack programs on pooled machines: python rule_bench"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from machine import Fault, MachinePool

PROGRAMS = [
    "7 sin 3 mul 2 add",
    "9 0 div",
    "5 cos 5 sin add 4 mul",
    "2 add",
    "90 sin 45 cos mul 10 div",
    "1 2 3 jump",
]


def run_all(pool, rounds):
    faults = {}
    total = 0.0
    for n in range(rounds):
        text = f"{n % 180} sin {PROGRAMS[n % len(PROGRAMS)]}" if n % 2 else PROGRAMS[n % 6]
        machine = pool.take()  # advise: pool-leak
        try:
            total += machine.run(text)
        except Fault as fault:
            faults[str(fault)] = faults.get(str(fault), 0) + 1
            continue
        pool.put(machine)
    return total, faults


def main():
    total, faults = run_all(MachinePool(), 40_000)
    print(f"{total:.5f}")
    for text, count in sorted(faults.items()):
        print(count, text)


if __name__ == "__main__":
    main()
