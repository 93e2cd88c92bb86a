"""Runs the query of a model on a cluster of Spark, kills one of its executors in the middle, and compares with `merit run`.

    cluster.py MERIT MODEL LEADS.csv EVENTS.csv SCHEMA.csv AS_OF [SECONDS]

SCHEMA.csv says the columns that are read, as `merit sql --schema` takes them. The executor goes SECONDS (20) after the query began.
By hand: it takes minutes, and 4 GB.
"""

import csv
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

import duckdb
from pyspark.sql import SparkSession

COLUMNS = "lead_id,score,stage"


def executor(name):
    """The process of an executor by its id."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"--executor-id" in words and words[words.index(b"--executor-id") + 1] == name.encode():
            return int(folder.name)
    return None


def main():
    merit, model, leads, events, schema, as_of = sys.argv[1:7]
    after = float(sys.argv[7]) if len(sys.argv) > 7 else 20
    folder = pathlib.Path(tempfile.mkdtemp(prefix="merit-cluster-"))
    out = folder / "wanted.csv"
    subprocess.run([merit, "run", model, leads, events, "--as-of", as_of, "--columns", COLUMNS, "-o", out, "--quiet"], check=True)
    query = [merit, "sql", model, "--dialect", "spark", "--as-of", as_of, "--schema", schema, "--columns", COLUMNS, "--quiet"]
    query = subprocess.run(query, check=True, capture_output=True, text=True).stdout
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
    }
    spark = SparkSession.builder.master("local-cluster[2,1,1024]").config(map=settings).getOrCreate()
    wanted = {"leads": [], "events": []}
    with open(schema, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            wanted[row["table"]].append((row["column"], row["type"].replace("VARCHAR", "STRING")))
    for table, path in [("leads", leads), ("events", events)]:
        rows = spark.read.csv(str(path), header=True, multiLine=True, escape='"')
        typed = [f"CAST(`{column}` AS {kind}) AS `{column}`" for column, kind in wanted[table]]
        rows.selectExpr(*typed).repartition(16).write.mode("overwrite").parquet(str(folder / table))
        spark.read.parquet(str(folder / table)).createOrReplaceTempView(table)
    killed = []

    def kill():
        time.sleep(after)
        process = executor("1")
        if process is not None:
            os.kill(process, signal.SIGKILL)
            killed.append(process)

    threading.Thread(target=kill, daemon=True).start()
    began = time.time()
    spark.sql(query).write.mode("overwrite").parquet(str(folder / "scores"))
    took = time.time() - began
    alive = executor("1")
    spark.stop()
    db = duckdb.connect()
    here = f"SELECT lead_id, score, stage FROM read_csv('{out}', types={{'lead_id': 'VARCHAR', 'score': 'DOUBLE'}})"
    there = f"SELECT lead_id, score, stage FROM '{folder}/scores/*.parquet'"
    missing, more, count = (
        db.execute(f"SELECT COUNT(*) FROM ({q})").fetchone()[0]
        for q in [f"{here} EXCEPT ALL {there}", f"{there} EXCEPT ALL {here}", there]
    )
    lost = "executor 1 was killed" if killed and took > after and alive not in killed else "no executor was killed"
    print(f"spark local-cluster: {count} leads, {missing + more} rows differ; {lost} after {after:.0f} of {took:.0f} s")
    return 1 if missing + more or not killed else 0


sys.exit(main())
