"""A redux-like store for an inventory screen, with reducers and selectors."""
from __future__ import annotations

import random
from typing import Any, Callable

State = dict[str, Any]
Action = dict[str, Any]
REDUCERS: dict[str, Callable[[State, Action], State]] = {}


def reducer(kind: str):
    def wrap(fn):
        REDUCERS[kind] = fn
        return fn
    return wrap


INITIAL: State = {"items": [], "total": 0, "filter": None, "dirty": False}


@reducer("add")
def add_item(state: State, action: Action) -> State:
    item = (action["sku"], action["qty"])
    return {
        **state,
        "items": state["items"] + [item],  # advise: grow-copy
        "total": state["total"] + action["qty"],
        "dirty": True,
    }


@reducer("filter")
def set_filter(state: State, action: Action) -> State:
    return {**state, "filter": action["prefix"]}


@reducer("saved")
def mark_saved(state: State, action: Action) -> State:
    return {**state, "dirty": False}


class Store:
    def __init__(self, initial: State):
        self.state = dict(initial, items=list(initial["items"]))
        self.listeners: list[Callable[[State], None]] = []

    def subscribe(self, fn):
        self.listeners.append(fn)
        return lambda: self.listeners.remove(fn)

    def dispatch(self, action: Action):
        self.state = REDUCERS[action["type"]](self.state, action)
        for fn in self.listeners:
            fn(self.state)


def visible(state: State):
    prefix = state["filter"]
    return [it for it in state["items"] if prefix is None or it[0].startswith(prefix)]


class Autosave:
    def __init__(self, store, every=500):
        self.store = store
        self.every = every
        self.seen = 0
        self.saves = 0

    def __call__(self, state):
        if state["dirty"]:
            self.seen += 1
            if self.seen >= self.every:
                self.seen = 0
                self.saves += 1
                self.store.dispatch({"type": "saved"})


def simulate(n: int, seed: int = 3) -> Store:
    rng = random.Random(seed)
    store = Store(INITIAL)
    saver = Autosave(store)
    unsubscribe = store.subscribe(saver)
    for i in range(n):
        sku = rng.choice("ABCD") + f"{rng.randrange(10_000):05d}"
        store.dispatch({"type": "add", "sku": sku, "qty": rng.randint(1, 9)})
        if i % 3000 == 2999:
            store.dispatch({"type": "filter", "prefix": rng.choice("ABCD")})
            print(i + 1, store.state["filter"], len(visible(store.state)))
    unsubscribe()
    print("saves", saver.saves)
    return store


if __name__ == "__main__":
    final = simulate(24_000).state
    print("items", len(final["items"]), "total", final["total"])
