"""What answers SQL over a data set: DuckDB in this process, or Spark."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from memscope.errors import MemscopeError, one_line
from memscope.fleet.listing import Chosen, Listing, listed, paths_here
from memscope.fleet.objectstores import quoted, sign_ins
from memscope.fleet.schema import PARTITIONS, TABLES, Columns, ColumnType
from memscope.fleet.sql import ROW_COLUMNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql import DataFrame, SparkSession

_NAME_A_CLUSTER = ("SPARK_REMOTE", "SPARK_HOME", "SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS")
# Of files that were there when they were listed: somebody compacts.
_GONE = ("No such file", "No files found")
Values = tuple[Any, ...]  # of a row
# Types of given tables, by those of Python.
_TYPES = {str: ("VARCHAR", "string"), int: ("BIGINT", "bigint")}
_SPARK_TYPES: Mapping[ColumnType, str] = {
    "text": "string", "whole": "bigint", "number": "double", "flag": "boolean",
    "labels": "map<string,string>", "time": "timestamp",
}  # fmt: skip
_COLUMNS: Mapping[str, Columns] = {
    name: {**columns, **dict.fromkeys(PARTITIONS, "text")} for name, columns in TABLES.items()
}


class Engine(ABC):
    """An open data set, whose tables SQL may name; closed when it is no longer needed.

    Each question reads what it asks about: `read_runs` comes first, `read_rows` may come again.
    """

    name: str

    def __init__(self, place: str) -> None:
        self._place = place.rstrip("/")
        self._listing: Listing | None = None

    def read_runs(self, columns: Sequence[str]) -> None:
        """Makes the table `runs`. Raises MemscopeError where there is no data set."""
        self._listing = listed(self._place, self._paths)
        if self._listing.is_packed:
            self.give("alone", {"run": str}, [(run,) for run in sorted(self._listing.alone)])
        self._read("runs", columns, self._listing.runs())

    def read_rows(self, runs: Iterable[tuple[str, str, str]]) -> None:
        """Makes the table `rows`, with those of these runs, given with their service and day."""
        assert self._listing is not None
        every = list(runs)
        folders = {(service, day) for service, day, _ in every}
        chosen = self._listing.rows({run for _, _, run in every}, folders)
        if chosen.alone or chosen.packs:
            self._read("rows", ROW_COLUMNS, chosen)
        else:
            whole = {name: _COLUMNS["rows"][name] == "whole" for name in ROW_COLUMNS}
            self.give("rows", {name: int if whole[name] else str for name in whole}, [])

    def _paths(self, table: str) -> Sequence[str]:
        if "://" not in self._place:
            return paths_here(self._place, table)
        return self._paths_elsewhere(f"{self._place}/{table}/*/*/*.parquet")

    @abstractmethod
    def _paths_elsewhere(self, pattern: str) -> Sequence[str]: ...

    @abstractmethod
    def _read(self, table: str, columns: Sequence[str], chosen: Chosen) -> None:
        """Makes a table of these columns; what packs have of the table `alone` is left out."""

    @abstractmethod
    def give(self, table: str, columns: Mapping[str, type], rows: Sequence[Values]) -> None:
        """Makes a table of these rows, or replaces it."""

    @abstractmethod
    def rows(self, sql: str) -> list[Values]:
        """The answer. Raises MemscopeError, in one line, where there is none."""

    @abstractmethod
    def close(self) -> None: ...


@contextmanager
def _needing(what: str, remedy: str) -> Iterator[None]:
    """Says in one line what is missing, and how to get it."""
    try:
        yield
    except ImportError:
        raise MemscopeError(f"{what}, which is not installed", None, remedy) from None


class DuckDB(Engine):
    """Reads a folder, or whatever DuckDB reads: s3://, gs://, https://."""

    name = "duckdb"

    def __init__(self, place: str) -> None:
        super().__init__(place)
        with _needing(
            "questions about fleets need duckdb", "pip install 'memscope-profiler[fleet]'"
        ):
            import duckdb
        self._failure = duckdb.Error
        self._connection: DuckDBPyConnection = duckdb.connect()
        if "://" in place:
            self._sign_in()

    def _sign_in(self) -> None:
        for statement in sign_ins(self._place, os.environ):
            with suppress(self._failure):
                self._connection.execute(statement)
                return

    def _paths_elsewhere(self, pattern: str) -> Sequence[str]:
        return [
            path for (path,) in self._run(f"SELECT file FROM glob({quoted(pattern)})").fetchall()
        ]

    def _read(self, table: str, columns: Sequence[str], chosen: Chosen) -> None:
        parts = [
            f"SELECT {', '.join(columns)} FROM read_parquet([{', '.join(map(quoted, paths))}],"
            f" hive_partitioning = true, hive_types_autocast = false){condition}"
            for paths, condition in (
                (chosen.alone, ""),
                (chosen.packs, " WHERE run NOT IN (SELECT run FROM alone)"),
            )
            if paths
        ]
        # Of `runs` each question asks several times; it is small, and read once.
        kind = "TABLE" if table == "runs" else "VIEW"
        self._run(f"CREATE OR REPLACE TEMP {kind} {table} AS {' UNION ALL '.join(parts)}")

    def give(self, table: str, columns: Mapping[str, type], rows: Sequence[Values]) -> None:
        told = ", ".join(f"{name} {_TYPES[kind][0]}" for name, kind in columns.items())
        self._run(f"CREATE OR REPLACE TEMP TABLE {table} ({told})")
        if rows:
            # One by one ten thousand take seconds.
            lists = ", ".join(f"unnest(?::{_TYPES[kind][0]}[])" for kind in columns.values())
            values = list(map(list, zip(*rows, strict=True)))
            self._connection.execute(f"INSERT INTO {table} SELECT {lists}", values)

    def rows(self, sql: str) -> list[Values]:
        found: list[Values] = self._run(sql).fetchall()
        return found

    def _run(self, sql: str) -> Any:
        try:
            return self._connection.execute(sql)
        except self._failure as error:
            reason = one_line(str(error).partition("\n")[0])
            if any(words in reason for words in _GONE):
                what = "was changed while it was read"
                raise MemscopeError(what, self._place, "ask again") from None
            raise MemscopeError(f"DuckDB cannot answer: {reason}", self._place) from None

    def close(self) -> None:
        self._connection.close()


class Spark(Engine):
    """The same as Spark SQL: on the cluster that the environment names, or here."""

    name = "spark"

    def __init__(self, place: str) -> None:
        super().__init__(place)
        with _needing("--engine spark needs pyspark", "pip install pyspark"):
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        self._failure = PySparkException
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

    def _paths_elsewhere(self, pattern: str) -> Sequence[str]:
        # Names alone; of what is in the files nothing is read.
        files = self._session.read.format("binaryFile").load(pattern).select("path")
        return [path for (path,) in self._try(files.collect)]

    def _read(self, table: str, columns: Sequence[str], chosen: Chosen) -> None:
        self._try(lambda: self._make(table, columns, chosen))

    def _make(self, table: str, columns: Sequence[str], chosen: Chosen) -> None:
        told = ", ".join(f"{name} {_SPARK_TYPES[_COLUMNS[table][name]]}" for name in columns)
        reader = self._session.read.option("basePath", f"{self._place}/{table}")
        frame: DataFrame | None = None
        for paths in (chosen.alone, chosen.packs):
            if paths:
                part = reader.schema(told).parquet(*paths).select(*columns)
                if paths is chosen.packs:
                    part = part.join(self._session.table("alone"), "run", "left_anti")
                    part = part.select(*columns)  # in their order
                frame = part if frame is None else frame.unionByName(part)
        assert frame is not None
        if table == "runs":
            frame = frame.cache()
        frame.createOrReplaceTempView(table)

    def give(self, table: str, columns: Mapping[str, type], rows: Sequence[Values]) -> None:
        # As text: a list of Python's goes by way of a worker, for which Spark takes the python3 of
        # PATH, whatever version that has.
        told = ", ".join(
            f"CAST({name} AS {_TYPES[kind][1]}) {name}" for name, kind in columns.items()
        )
        values = [f"({', '.join(map(_literal, row))})" for row in rows]
        given = ", ".join(values or [f"({', '.join(['NULL'] * len(columns))})"])
        text = f"SELECT {told} FROM VALUES {given} AS given({', '.join(columns)})"
        if not rows:
            text += " WHERE false"
        self._try(lambda: self._session.sql(text).createOrReplaceTempView(table))

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


def _literal(value: object) -> str:
    """As Spark reads it."""
    if not isinstance(value, str):
        return str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _placed(builder: Any) -> Any:
    """On this machine, where nothing listens for others, unless the environment names a cluster."""
    if any(map(os.environ.get, _NAME_A_CLUSTER)):
        return builder
    builder = builder.master("local[*]")
    # To list files is a task for each of them otherwise, as soon as there are 33.
    builder = builder.config("spark.sql.sources.parallelPartitionDiscovery.threshold", "1000000")
    for name in ("spark.driver.host", "spark.driver.bindAddress"):
        builder = builder.config(name, "127.0.0.1")
    return builder


ENGINES: Mapping[str, Callable[[str], Engine]] = {"duckdb": DuckDB, "spark": Spark}


def open_engine(name: str, place: str) -> Engine:
    return ENGINES[name](place)
