"""The calling side: many requests may be under way on one connection."""
import asyncio
import itertools

from wire import read_message, write_message


class RemoteError(Exception):
    pass


class Client:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.numbers = itertools.count(1)
        self.pending = {}
        self.pump = asyncio.create_task(self._pump())

    @classmethod
    async def connect(cls, port):
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def _pump(self):
        while (reply := await read_message(self.reader)) is not None:
            future = self.pending.pop(reply["id"], None)
            if future is None or future.done():
                continue
            if "error" in reply:
                future.set_exception(RemoteError(reply["error"]))
            else:
                future.set_result(reply["result"])

    async def call(self, method, *params):
        number = next(self.numbers)
        future = asyncio.get_running_loop().create_future()
        self.pending[number] = future
        write_message(self.writer, {"id": number, "method": method, "params": params})
        await self.writer.drain()
        return await future

    async def close(self):
        self.writer.close()
        await self.pump
