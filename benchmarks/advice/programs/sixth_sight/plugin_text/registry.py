import functools

REGISTRY = {}


def plugin(name):
    def register(func):
        REGISTRY[name] = func
        return func
    return register


def chain(*names):
    steps = [REGISTRY[name] for name in names]
    return lambda text: functools.reduce(lambda value, step: step(value), steps, text)
