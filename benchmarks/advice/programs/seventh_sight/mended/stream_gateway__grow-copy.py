import asyncio
import hashlib
import random
import struct

HEADER = struct.Struct(">IH")


class FrameDecoder:
    def __init__(self, on_frame):
        self.on_frame = on_frame
        self.pending = bytearray()
        self.wanted = None

    def feed(self, data):
        self.pending += data
        while True:
            if self.wanted is None:
                if len(self.pending) < HEADER.size:
                    return
                self.wanted = HEADER.unpack_from(self.pending)
            size, channel = self.wanted
            if len(self.pending) < HEADER.size + size:
                return
            body = self.pending[HEADER.size:HEADER.size + size]
            del self.pending[:HEADER.size + size]
            self.wanted = None
            self.on_frame(channel, body)


class UploadProtocol(asyncio.Protocol):
    def __init__(self, uploads):
        self.uploads = uploads
        self.decoder = FrameDecoder(self.store)

    def data_received(self, data):
        self.decoder.feed(data)

    def store(self, channel, body):
        self.uploads.append((channel, len(body), hashlib.md5(body).hexdigest()[:10]))


async def sender(protocol, rng, frames):
    packet = bytearray()
    for channel in range(frames):
        size = rng.randint(2_000_000, 4_000_000)
        packet += HEADER.pack(size, channel)
        pattern = rng.randbytes(1024)
        sent = 0
        while sent < size:
            part = pattern[:min(1024, size - sent)]
            sent += len(part)
            packet += part
            if len(packet) >= 4096:
                protocol.data_received(bytes(packet))
                packet.clear()
                await asyncio.sleep(0)
    protocol.data_received(bytes(packet))


async def main():
    uploads = []
    clients = (sender(UploadProtocol(uploads), random.Random(n), 2) for n in range(2))
    await asyncio.gather(*clients)
    for upload in sorted(uploads):
        print(*upload)


if __name__ == "__main__":
    asyncio.run(main())
