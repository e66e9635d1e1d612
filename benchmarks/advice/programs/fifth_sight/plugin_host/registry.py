class Registry:
    """Maps a command name to the plug-in class that serves it."""

    def __init__(self):
        self._classes = {}
        self._active = {}

    def command(self, name):
        def enter(cls):
            self._classes[name] = cls
            return cls
        return enter

    def start(self, name, ticket, *args):
        self._active[ticket] = self._classes[name](*args)
        return self._active[ticket]

    def finish(self, ticket):
        return self._active.pop(ticket).result()

    def names(self):
        return sorted(self._classes)


registry = Registry()
