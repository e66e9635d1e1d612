# mixes tracks on worker threads; a scratch block per mix
import concurrent.futures as cf
import hashlib

BLOCK = 2_500_000


class Mixer(object):
    def mix(self, track_no):
        scratch = bytearray(BLOCK)  # advise: pool
        scratch[0:8] = track_no.to_bytes(8, "big")
        digest = hashlib.blake2b(scratch, digest_size=8).hexdigest()
        return digest


if __name__ == "__main__":
    mixer = Mixer()
    with cf.ThreadPoolExecutor(max_workers=2) as ex:
        results = list(ex.map(mixer.mix, range(400)))
    print(len(results))
