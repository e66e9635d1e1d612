"""The serving side: named methods, one connection per client."""
import asyncio

from wire import read_message, write_message


class Server:
    def __init__(self):
        self.methods = {}
        self.calls = 0

    def method(self, func):
        self.methods[func.__name__] = func
        return func

    async def handle(self, reader, writer):
        try:
            while (request := await read_message(reader)) is not None:
                self.calls += 1
                func = self.methods.get(request["method"])
                if func is None:
                    reply = {"id": request["id"], "error": "no such method"}
                else:
                    reply = {"id": request["id"], "result": func(*request["params"])}
                write_message(writer, reply)
                await writer.drain()
        finally:
            writer.close()

    async def start(self):
        listener = await asyncio.start_server(self.handle, "127.0.0.1", 0)
        return listener, listener.sockets[0].getsockname()[1]
