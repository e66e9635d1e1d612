"""How DuckDB gets into an object store: by what the environment has for the store's own tools."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

_KINDS = {"s3": "s3", "gs": "gcs", "gcs": "gcs"}
_OF_KEYS = {
    "KEY_ID": "AWS_ACCESS_KEY_ID",
    "SECRET": "AWS_SECRET_ACCESS_KEY",
    "SESSION_TOKEN": "AWS_SESSION_TOKEN",
}


def sign_ins(place: str, environment: Mapping[str, str]) -> list[str]:
    """SQL to be tried in turn, until one is taken; none where the store is open to all.

    The chain of credentials needs an extension of DuckDB's (`aws`), which is not to be had
    everywhere: then the keys of the environment are told as they are.
    """
    kind = _KINDS.get(place.partition(":")[0])
    if kind is None:
        return []
    chain = f"CREATE SECRET (TYPE {kind}, PROVIDER credential_chain"
    if kind != "s3":
        return [f"{chain})"]
    where = _options(_endpoint(environment))
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    known = {option: environment.get(name) for option, name in _OF_KEYS.items()}
    keys = _options({**known, "REGION": region})
    return [f"{chain}{where})", f"CREATE SECRET (TYPE s3{keys}{where})"]


def _endpoint(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Of a store that is not Amazon's: its buckets have no names of their own, as hosts have."""
    url = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    if not url:
        return {}
    parts = urlsplit(url)
    return {
        "ENDPOINT": parts.netloc,
        "URL_STYLE": "path",
        "USE_SSL": "false" if parts.scheme == "http" else "true",
    }


def _options(values: Mapping[str, str | None]) -> str:
    return "".join(f", {name} {quoted(value)}" for name, value in values.items() if value)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
