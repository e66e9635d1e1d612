"""Framing: 4-byte length, then a JSON object."""
import asyncio
import json
import struct

HEADER = struct.Struct(">I")
LIMIT = 1 << 20


class ProtocolError(Exception):
    pass


async def read_message(reader):
    try:
        head = await reader.readexactly(HEADER.size)
    except asyncio.IncompleteReadError as exc:
        if exc.partial:
            raise ProtocolError("torn header") from None
        return None
    (size,) = HEADER.unpack(head)
    if size > LIMIT:
        raise ProtocolError(f"message of {size} bytes")
    return json.loads(await reader.readexactly(size))


def write_message(writer, message):
    body = json.dumps(message, separators=(",", ":")).encode()
    writer.write(HEADER.pack(len(body)) + body)
