# mixes tracks on worker threads; scratch blocks go round
import concurrent.futures as cf
import hashlib

BLOCK = 2_500_000
_idle = []


class Mixer(object):
    def mix(self, track_no):
        try:
            scratch = _idle.pop()
        except IndexError:
            scratch = bytearray(BLOCK)
        scratch[0:8] = track_no.to_bytes(8, "big")
        digest = hashlib.blake2b(scratch, digest_size=8).hexdigest()
        _idle.append(scratch)
        return digest


if __name__ == "__main__":
    mixer = Mixer()
    with cf.ThreadPoolExecutor(max_workers=2) as ex:
        results = list(ex.map(mixer.mix, range(400)))
    print(len(results))
