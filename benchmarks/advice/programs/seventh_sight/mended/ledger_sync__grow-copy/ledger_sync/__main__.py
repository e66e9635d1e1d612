import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from ledger_sync.events import stream
from ledger_sync.state import AccountReducer
from ledger_sync.store import Projection


def main():
    projection = Projection(AccountReducer())
    for event in stream(26_000, seed=7):
        projection.handle(event)
    for name in sorted(projection.accounts):
        state = projection.accounts[name]
        print(name, state.balance, state.low_water, state.closed, *projection.statement(name))
    print(projection.handled)


if __name__ == "__main__":
    main()
