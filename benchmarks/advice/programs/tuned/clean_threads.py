"""Workers with a buffer each that they keep."""

# forbid: pool reuse-buffer pool-leak leak
import threading
import zlib


def work(done: list) -> None:
    buffer = bytearray(1 << 20)
    found = 0
    for n in range(200):
        buffer[n] = n
        found = zlib.crc32(buffer, found)
    done.append(found)


done = []
threads = [threading.Thread(target=work, args=(done,)) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(done))
