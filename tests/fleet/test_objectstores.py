"""What DuckDB is told of an object store."""

from __future__ import annotations

from memscope.fleet.objectstores import sign_ins

KEYS = {"AWS_ACCESS_KEY_ID": "it's", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "eu-1"}


def test_the_chain_comes_first_and_then_the_keys_themselves() -> None:
    assert sign_ins("s3://bucket/fleet", KEYS) == [
        "CREATE SECRET (TYPE s3, PROVIDER credential_chain)",
        "CREATE SECRET (TYPE s3, KEY_ID 'it''s', SECRET 's', REGION 'eu-1')",
    ]


def test_another_store_is_found_by_its_endpoint() -> None:
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}
    where = "ENDPOINT '127.0.0.1:9000', URL_STYLE 'path', USE_SSL 'false'"
    assert sign_ins("s3://bucket/fleet", environment) == [
        f"CREATE SECRET (TYPE s3, PROVIDER credential_chain, {where})",
        f"CREATE SECRET (TYPE s3, {where})",
    ]


def test_other_places() -> None:
    assert sign_ins("gs://bucket", KEYS) == ["CREATE SECRET (TYPE gcs, PROVIDER credential_chain)"]
    assert sign_ins("https://example.org/fleet", KEYS) == []
