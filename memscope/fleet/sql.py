"""The questions as SQL that DuckDB and Spark both take, word for word.

`runs` and `rows` are the tables of the data set. `asked` has the services that the question is
about, `pairs` the releases to compare, `found` the lines to look at again: tables that the engine
is given. Figures go out as whole numbers, or as quotients of two, so both engines say the same.
A line is known by its file, its function, and how far into that it is.
"""

from __future__ import annotations

# What every question asks of `runs`, and one alone. Of ten thousand files each column takes time.
RUN_COLUMNS = ("run", "service", "day", "version", "started", "complete", "mode")
LIMIT_COLUMNS = ("signal", "peak_resident_bytes", "limit_bytes", "limit_source")
ROW_COLUMNS = (
    "run", "service", "file", "function", "line", "first_line", "origin", "allocations",
    "allocated_bytes", "live_blocks", "live_bytes", "peak_bytes",
)  # fmt: skip

# The last by name, as a number: Spark sorts all rows where it is asked for the largest text.
_RANK = "CASE r.origin WHEN 'library' THEN 0 WHEN 'own' THEN 1 WHEN 'stdlib' THEN 2 END"
_ORIGIN = "CASE max(origin) WHEN 0 THEN 'library' WHEN 1 THEN 'own' WHEN 2 THEN 'stdlib' END"

# Whose limit is one of address space says nothing of resident memory.
_OF_INTEREST = """
    SELECT u.* FROM runs u JOIN asked a ON u.service = a.service WHERE u.day >= '{since}'
"""

SERVICES = "SELECT DISTINCT service FROM runs ORDER BY service"

# Releases are in the order in which they were seen first.
VERSIONS = f"""
SELECT service, version, recorded
FROM (
    SELECT service, version, count(*) AS recorded, min(started) AS first
    FROM ({_OF_INTEREST}) chosen
    WHERE complete AND version <> ''
    GROUP BY service, version
) releases
ORDER BY service, first, version
"""

COUNTS = f"""
SELECT count(*) AS recorded,
       count(CASE WHEN complete THEN NULL ELSE 1 END) AS partial,
       count(CASE WHEN version = '' THEN 1 END) AS without_version,
       count(CASE WHEN mode = 'sampled' THEN 1 END) AS sampled,
       count(DISTINCT service) AS services,
       min(day) AS first_day, max(day) AS last_day
FROM ({_OF_INTEREST}) chosen
"""

# Whose rows are to be read: of all, of those on a side, and of the releases in `found`.
RUNS = f"SELECT service, day, run FROM ({_OF_INTEREST}) chosen"

RUNS_OF_PAIRS = f"""
SELECT DISTINCT chosen.service, chosen.day, chosen.run
FROM ({_OF_INTEREST}) chosen
JOIN pairs p ON chosen.service = p.service AND chosen.version = p.version
WHERE chosen.complete
"""

RUNS_OF_FOUND = f"""
SELECT DISTINCT chosen.service, chosen.day, chosen.run
FROM ({_OF_INTEREST}) chosen
JOIN found f ON chosen.service = f.service AND chosen.version = f.version
WHERE chosen.complete
"""

# Step by step: two counts of distinct values in one go have Spark take each row three times.
TOP = f"""
WITH of_runs AS (
    SELECT r.service, r.run, r.file, r.function, r.line - r.first_line AS place,
           max(r.line) AS line, max({_RANK}) AS origin,
           sum(r.{{by}}) AS total, max(r.{{by}}) AS most
    FROM rows r JOIN ({_OF_INTEREST}) chosen ON r.run = chosen.run AND r.service = chosen.service
    WHERE r.origin = 'own' OR NOT {{own_only}}
    GROUP BY r.service, r.run, r.file, r.function, r.line - r.first_line
),
of_services AS (
    SELECT file, function, place, max(line) AS line, max(origin) AS origin,
           count(*) AS recorded, sum(total) AS total, max(most) AS most
    FROM of_runs GROUP BY service, file, function, place
)
SELECT file, function, max(line) AS line, {_ORIGIN} AS origin,
       count(*) AS services, CAST(sum(recorded) AS BIGINT) AS recorded,
       CAST(sum(total) AS BIGINT) AS total, max(most) AS most
FROM of_services
GROUP BY file, function, place
HAVING sum(total) > 0
ORDER BY total DESC, file, function, line
LIMIT {{limit}}
"""

TOTAL = f"SELECT CAST(coalesce(sum({{by}}), 0) AS BIGINT) FROM ({_OF_INTEREST}) chosen"

# What stands on both sides of each pair: of each line the values of the runs that have it. Runs
# without it had nothing there. `tests` counts the lines that are large enough to be asked about,
# whatever the side; a row for each of these whose mean grew by enough.
GROWN = f"""
WITH recorded AS (
    SELECT service, version, count(*) AS runs
    FROM ({_OF_INTEREST}) chosen WHERE complete GROUP BY service, version
),
sizes AS (
    SELECT p.pair, max(CASE WHEN p.side = 'old' THEN r.runs END) AS old_runs,
           max(CASE WHEN p.side = 'new' THEN r.runs END) AS new_runs
    FROM pairs p JOIN recorded r ON r.service = p.service AND r.version = p.version
    GROUP BY p.pair
),
figures AS (
    SELECT chosen.service, chosen.version, chosen.run, r.file, r.function,
           r.line - r.first_line AS place,
           max(r.line) AS line, max({_RANK}) AS origin, sum(r.{{by}}) AS figure
    FROM ({_OF_INTEREST}) chosen JOIN rows r ON r.run = chosen.run AND r.service = chosen.service
    WHERE chosen.complete AND (r.origin = 'own' OR NOT {{own_only}})
    GROUP BY chosen.service, chosen.version, chosen.run, r.file, r.function, r.line - r.first_line
),
releases AS (
    SELECT service, version, file, function, place, max(line) AS line, max(origin) AS origin,
           sum(figure) AS total, array_agg(figure) AS figures
    FROM figures GROUP BY service, version, file, function, place
),
sums AS (
    SELECT p.pair, f.file, f.function, f.place,
           max(CASE WHEN p.side = 'new' THEN f.line END) AS line, {_ORIGIN} AS origin,
           CAST(sum(CASE WHEN p.side = 'old' THEN f.total ELSE 0 END) AS DOUBLE) AS old_sum,
           CAST(sum(CASE WHEN p.side = 'new' THEN f.total ELSE 0 END) AS DOUBLE) AS new_sum,
           max(CASE WHEN p.side = 'old' THEN f.figures END) AS old_figures,
           max(CASE WHEN p.side = 'new' THEN f.figures END) AS new_figures
    FROM pairs p JOIN releases f ON f.service = p.service AND f.version = p.version
    GROUP BY p.pair, f.file, f.function, f.place
),
lines AS (
    SELECT l.*, s.old_runs, s.new_runs, count(*) OVER () AS tests
    FROM sums l JOIN sizes s ON l.pair = s.pair
    WHERE s.old_runs > 0 AND s.new_runs > 0
      AND 2 * (old_sum + new_sum) >= {{least}} * (s.old_runs + s.new_runs)
)
SELECT pair, file, function, place, line, origin, old_figures, new_figures, tests
FROM lines
WHERE new_sum / new_runs - old_sum / old_runs >= {{least}}
  AND new_sum / new_runs > (1 + {{share}}) * old_sum / old_runs
ORDER BY pair, file, function, place
"""

# What lines that grew have in the newest release of their service.
NOW = f"""
SELECT f.service, f.file, f.function, f.place, CAST(sum(r.{{by}}) AS BIGINT) AS total
FROM found f
JOIN ({_OF_INTEREST}) chosen ON chosen.service = f.service AND chosen.version = f.version
JOIN rows r ON r.run = chosen.run AND r.service = chosen.service
    AND r.file = f.file AND r.function = f.function AND r.line - r.first_line = f.place
WHERE chosen.complete
GROUP BY f.service, f.file, f.function, f.place
ORDER BY f.service, f.file, f.function, f.place
"""

LIMITS = f"""
SELECT service, count(*) AS recorded,
       count(CASE WHEN 100 * peak_resident_bytes >= {{near}} * limit_bytes THEN 1 END) AS near,
       count(CASE WHEN signal = 9 THEN 1 END) AS killed,
       max(CAST(peak_resident_bytes AS DOUBLE) / limit_bytes) AS highest,
       max(peak_resident_bytes) AS peak_resident_bytes,
       min(limit_bytes) AS least_limit_bytes, max(limit_bytes) AS most_limit_bytes
FROM ({_OF_INTEREST}) chosen
WHERE limit_bytes > 0 AND peak_resident_bytes > 0 AND limit_source <> 'RLIMIT_AS'
GROUP BY service
HAVING max(CAST(peak_resident_bytes AS DOUBLE) / limit_bytes) * 100 >= {{near}}
ORDER BY highest DESC, service
LIMIT {{limit}}
"""

LIMITED = f"""
SELECT count(*) FROM ({_OF_INTEREST}) chosen
WHERE limit_bytes > 0 AND peak_resident_bytes > 0 AND limit_source <> 'RLIMIT_AS'
"""
