"""What answers SQL over a data set: DuckDB in this process, or Spark."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from memscope.errors import MemscopeError, one_line
from memscope.fleet.sql import RUN_COLUMNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql import SparkSession

_NAME_A_CLUSTER = ("SPARK_REMOTE", "SPARK_HOME", "SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS")
_RUNS = ", ".join(RUN_COLUMNS)
_WHOLE = "VIEW {} AS SELECT *"
Values = tuple[Any, ...]  # of a row
_TABLES = ("runs", "rows")  # that questions are about
# Types of given tables, by those of Python.
_TYPES = {str: ("VARCHAR", "string"), int: ("BIGINT", "bigint")}


class Engine(Protocol):
    """An open data set, whose tables SQL may name; closed when it is no longer needed."""

    name: str

    def give(self, table: str, columns: Mapping[str, type], rows: Sequence[Values]) -> None:
        """Makes a table of these rows, or replaces it."""

    def rows(self, sql: str) -> list[Values]:
        """The answer. Raises MemscopeError, in one line, where there is none."""

    def close(self) -> None: ...


class DuckDB:
    """Reads a folder, or whatever DuckDB reads: s3://, gs://, https://."""

    name = "duckdb"

    def __init__(self, place: str) -> None:
        try:
            import duckdb
        except ImportError:
            raise MemscopeError(
                "questions about fleets need a package that is not installed",
                None,
                "pip install 'memscope-profiler[fleet]'",
            ) from None
        self._place = place
        self._failure = duckdb.Error
        self._connection: DuckDBPyConnection = duckdb.connect()
        if "://" in place:
            self._sign_in()
        # Of `runs` each question asks several times; it is small, and read once. Of ten thousand
        # files all thirty columns took 13 s of CPU, those that are asked about 8 s.
        for table, how in zip(_TABLES, (f"TABLE {{}} AS SELECT {_RUNS}", _WHOLE), strict=True):
            files = _quoted(f"{place.rstrip('/')}/{table}/*/*/*.parquet")
            self._run(
                f"CREATE {how.format(table)} FROM read_parquet({files},"
                " hive_partitioning = true, hive_types_autocast = false)"
            )

    def _sign_in(self) -> None:
        """By what the environment has of credentials, as the store's own tools do."""
        with suppress(self._failure):  # a store that is open to all takes none
            kind = {"s3": "s3", "gs": "gcs", "gcs": "gcs"}.get(self._place.partition(":")[0])
            if kind is not None:
                self._connection.execute(f"CREATE SECRET (TYPE {kind}, PROVIDER credential_chain)")

    def give(self, table: str, columns: Mapping[str, type], rows: Sequence[Values]) -> None:
        told = ", ".join(f"{name} {_TYPES[kind][0]}" for name, kind in columns.items())
        self._run(f"CREATE OR REPLACE TEMP TABLE {table} ({told})")
        if rows:
            places = ", ".join("?" * len(columns))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({places})", list(rows))

    def rows(self, sql: str) -> list[Values]:
        found: list[Values] = self._run(sql).fetchall()
        return found

    def _run(self, sql: str) -> Any:
        try:
            return self._connection.execute(sql)
        except self._failure as error:
            reason = one_line(str(error).partition("\n")[0])
            if "No files found" in reason:
                remedy = "memscope export --format parquet makes one"
                raise MemscopeError("is no data set of runs", self._place, remedy) from None
            raise MemscopeError(f"DuckDB cannot answer: {reason}", self._place) from None

    def close(self) -> None:
        self._connection.close()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Spark:
    """The same as Spark SQL: on the cluster that the environment names, or here."""

    name = "spark"

    def __init__(self, place: str) -> None:
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError:
            raise MemscopeError(
                "--engine spark needs pyspark, which is not installed", None, "pip install pyspark"
            ) from None
        self._place = place
        self._failure = PySparkException
        if "://" not in place and not Path(place, "runs").is_dir():
            raise MemscopeError(
                "is no data set of runs", place, "memscope export --format parquet makes one"
            )
        try:
            self._session: SparkSession = (
                _placed(SparkSession.builder.appName("memscope fleet"))
                .config("spark.ui.enabled", "false")
                .config("spark.ui.showConsoleProgress", "false")
                .config("spark.log.level", "ERROR")
                # Services may be called 1 or 2026-11-30.
                .config("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
                .config("spark.sql.session.timeZone", "UTC")
                # Many small files: as many as there are processors are read at once.
                .config("spark.sql.files.openCostInBytes", "65536")
                .config("spark.sql.shuffle.partitions", "8")
                .getOrCreate()
            )
        except Exception as error:  # there may be no Java, or no cluster
            reason = one_line(str(error).partition("\n")[0] or type(error).__name__)
            raise MemscopeError(
                f"Spark cannot be started: {reason}", None, "is Java 17 there?"
            ) from None
        for table in _TABLES:
            self._try(lambda table=table: self._view(table))

    def _view(self, table: str) -> None:
        frame = self._session.read.parquet(f"{self._place.rstrip('/')}/{table}")
        if table == "runs":
            frame = frame.select(*RUN_COLUMNS).cache()
        frame.createOrReplaceTempView(table)

    def give(self, table: str, columns: Mapping[str, type], rows: Sequence[Values]) -> None:
        told = ", ".join(f"{name} {_TYPES[kind][1]}" for name, kind in columns.items())
        self._try(
            lambda: self._session.createDataFrame(list(rows), told).createOrReplaceTempView(table)
        )

    def rows(self, sql: str) -> list[Values]:
        return [tuple(row) for row in self._try(lambda: self._session.sql(sql).collect())]

    def _try(self, work: Any) -> Any:
        try:
            return work()
        except self._failure as error:
            reason = one_line(str(error).partition("\n")[0])
            raise MemscopeError(f"Spark cannot answer: {reason}", self._place) from None

    def close(self) -> None:
        self._session.stop()


def _placed(builder: Any) -> Any:
    """On this machine, where nothing listens for others, unless the environment names a cluster."""
    if any(map(os.environ.get, _NAME_A_CLUSTER)):
        return builder
    builder = builder.master("local[*]")
    for name in ("spark.driver.host", "spark.driver.bindAddress"):
        builder = builder.config(name, "127.0.0.1")
    return builder


ENGINES: Mapping[str, Callable[[str], Engine]] = {"duckdb": DuckDB, "spark": Spark}


def open_engine(name: str, place: str) -> Engine:
    return ENGINES[name](place)
