"""A digest that is given all of a file at once."""

import hashlib
import tempfile


def of_file(path):
    digest = hashlib.blake2b()
    with open(path, "rb") as file:
        digest.update(file.read())  # advise: chunk
    return digest.hexdigest()


with tempfile.NamedTemporaryFile() as file:
    for number in range(160):
        file.write(number.to_bytes(2, "big") * 32_768)
    file.flush()
    print(of_file(file.name)[:12])
