"""Runs the queries of random models on another engine and compares every cell with the interpreter's answer.

    run.py ENGINE CASES     CASES as `cases_for_other_engines` in tests/suite/sql.rs writes them

Prints how many models and cells were compared, and ends with 1 at the first difference.
"""

import json
import sys


def number(text):
    """A cell that is a number, as one; numbers are compared as such, whatever digits an engine prints."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def same(wanted, got):
    if got is None:
        return wanted == ""
    if isinstance(got, (int, float)) and not isinstance(got, bool):
        return number(wanted) == float(got)
    return wanted == str(got)


class DuckDb:
    def __init__(self):
        import duckdb

        self.db = duckdb.connect()
        self.db.execute("SET TimeZone = 'UTC'")

    def load(self, name, columns, rows):
        kinds = ", ".join('"{}" {}'.format(column.replace('"', '""'), kind) for column, kind in columns)
        self.db.execute(f"DROP TABLE IF EXISTS {name}")
        self.db.execute(f"CREATE TABLE {name} ({kinds})")
        if rows:
            # Column by column: a statement a row takes most of the time.
            cells = ", ".join(f"UNNEST(CAST(? AS {kind}[]))" for _, kind in columns)
            self.db.execute(f"INSERT INTO {name} SELECT {cells}", [list(column) for column in zip(*rows)])

    def run(self, query):
        return self.db.execute(query).fetchall()


class Postgres:
    """The server that PGHOST, PGPORT, PGUSER and PGDATABASE name."""

    KINDS = {"DOUBLE": "DOUBLE PRECISION", "VARCHAR": "TEXT", "VARCHAR[]": "TEXT[]"}

    def __init__(self):
        import psycopg

        self.db = psycopg.connect("", autocommit=True)
        self.db.execute("SET timezone = 'UTC'")

    def load(self, name, columns, rows):
        kinds = ", ".join(
            '"{}" {}'.format(column.replace('"', '""'), self.KINDS.get(kind, kind)) for column, kind in columns
        )
        self.db.execute(f"DROP TABLE IF EXISTS {name}")
        self.db.execute(f"CREATE TEMPORARY TABLE {name} ({kinds})")
        if rows:
            with self.db.cursor() as cursor:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)

    def run(self, query):
        # Without parameters a `%` in the text is itself.
        return self.db.execute(query).fetchall()


class Spark:
    """A session on two threads, as it comes but for the time zone."""

    KINDS = {"DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN", "VARCHAR[]": "ARRAY<STRING>"}
    # Dates and times arrive as texts.
    CASTS = {"DATE": "DATE", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP"}

    def __init__(self):
        from pyspark.sql import SparkSession

        settings = {
            "spark.sql.session.timeZone": "UTC",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "4g",
            "spark.ui.enabled": "false",
            "spark.log.level": "ERROR",
        }
        self.db = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()

    def load(self, name, columns, rows):
        named = [("`{}`".format(column.replace("`", "``")), kind) for column, kind in columns]
        kinds = ", ".join(f"{column} {self.KINDS.get(kind, 'STRING')}" for column, kind in named)
        table = self.db.createDataFrame([tuple(row) for row in rows], kinds)
        typed = (f"CAST({column} AS {self.CASTS[kind]}) AS {column}" if kind in self.CASTS else column for column, kind in named)
        table.selectExpr(*typed).createOrReplaceTempView(name)

    def run(self, query):
        return self.db.sql(query).collect()


ENGINES = {"duckdb": DuckDb, "postgres": Postgres, "spark": Spark}


def main():
    engine = ENGINES[sys.argv[1]]()
    models = cells = 0
    with open(sys.argv[2], encoding="utf-8") as cases:
        for line in cases:
            case = json.loads(line)
            engine.load("leads", case["leads"]["columns"], case["leads"]["rows"])
            engine.load("events", case["events"]["columns"], case["events"]["rows"])
            try:
                rows = {row[0] or "": row for row in engine.run(case["query"])}
            except Exception as error:
                print(f"seed {case['seed']}: {error}\n{case['model']}")
                return 1
            for wanted in case["wanted"]:
                got = rows.get(wanted[0])
                for column, a, b in zip(case["columns"], wanted, got or []):
                    cells += 1
                    if not same(a, b):
                        print(f"seed {case['seed']}, {wanted[0]}, {column}: wanted {a!r}, got {b!r}\n{case['model']}")
                        return 1
                if got is None:
                    print(f"seed {case['seed']}: {wanted[0]} is not there")
                    return 1
            models += 1
    print(f"{sys.argv[1]}: {models} models, {cells} cells, no difference")
    return 0


sys.exit(main())
