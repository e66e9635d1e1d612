"""Load generator: some clients ask an inventory service for pages of stock."""
import asyncio
import zlib

from client import Client, RemoteError
from server import Server

service = Server()


@service.method
def page(shelf, number):
    first = number * 25
    return [f"shelf {shelf} item {first + i:05d} qty {(first + i) * 7919 % 113}" for i in range(25)]


@service.method
def locate(item):
    return {"shelf": item % 13, "slot": item // 13}


async def customer(port, shelf, rounds):
    client = await Client.connect(port)
    digest = failures = 0
    for n in range(rounds):
        rows, place = await asyncio.gather(client.call("page", shelf, n), client.call("locate", n))
        for row in rows:
            digest = zlib.crc32(row.encode(), digest)
        digest = (digest + place["slot"]) & 0xFFFFFFFF
        if n % 100 == 99:
            try:
                await client.call("reserve", n)
            except RemoteError:
                failures += 1
    await client.close()
    return shelf, digest, failures


async def main():
    listener, port = await service.start()
    results = await asyncio.gather(*(customer(port, shelf, 1000) for shelf in range(4)))
    listener.close()
    for shelf, digest, failures in results:
        print(f"shelf {shelf} digest {digest:08x} failures {failures}")
    print("calls", service.calls)


asyncio.run(main())
