"""Builds the package of a model with dbt on DuckDB and PostgreSQL, and compares the tables with `merit run`.

    dbt.py MERIT DBT [duckdb] [postgres]     the program, dbt, and the adapters; PGHOST, PGPORT, PGUSER, PGDATABASE name the server

Ends with 1 at the first difference.
"""

import csv
import datetime
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
AS_OF = "2025-06-30"
COLUMNS = "lead_id,score,stage,priority,could_be,possible_score,missing,review,reasons,engagement,firmographic"
LEADS = [("lead_id", "VARCHAR"), ("email", "VARCHAR"), ("country", "VARCHAR"), ("employees", "DOUBLE PRECISION"), ("created", "DATE")]
EVENTS = [("lead_id", "VARCHAR"), ("type", "VARCHAR"), ("target", "VARCHAR"), ("at", "TIMESTAMP WITH TIME ZONE")]


def rows():
    """Leads and records, the same on each run."""
    rng = random.Random(7)
    leads, events = [], []
    for i in range(300):
        created = datetime.date(2025, 1, 1) + datetime.timedelta(days=rng.randrange(200))
        leads.append([
            f"L{i}",
            rng.choice([None, "kim@acme.example", "jo@ours.example"]) if i % 3 == 0 else f"p{i}@acme.example",
            rng.choice([None, "US", "ca ", "GB", "XX", "de"]),
            rng.choice([None, 10.0, 50.0, 420.0, 1000.0, 5000.0]),
            rng.choice([None, created.isoformat()]),
        ])
        for _ in range(rng.randrange(8)):
            at = datetime.datetime(2025, 3, 20) + datetime.timedelta(seconds=rng.randrange(110 * 86400))
            kind, target = rng.choice([("visited", "/pricing"), ("visited", "/blog"), ("attended", "Webinar"), ("booked", "demo"), ("opened", None)])
            events.append([f"L{i}", kind, target, at.isoformat() + "Z"])
    return leads, events


def write_csv(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([name for name, _ in columns])
        writer.writerows([["" if cell is None else cell for cell in row] for row in rows])


def connect(adapter, folder):
    if adapter == "duckdb":
        import duckdb

        return duckdb.connect(str(folder / "leads.duckdb"))
    import psycopg

    return psycopg.connect("", autocommit=True).cursor()


def profile(adapter, folder):
    if adapter == "duckdb":
        return f"{{type: duckdb, path: '{folder / 'leads.duckdb'}', schema: main}}"
    of = {name: os.environ.get(f"PG{name.upper()}", "") for name in ["host", "port", "user", "database"]}
    return (
        f"{{type: postgres, host: '{of['host']}', port: {of['port'] or 5432}, user: '{of['user']}', "
        f"password: '{os.environ.get('PGPASSWORD', 'none')}', dbname: '{of['database']}', schema: public, threads: 1}}"
    )


def said(cell):
    """A cell as merit writes it."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(cell).removesuffix(".0")
    return str(cell)


def main():
    merit, dbt, adapters = sys.argv[1], sys.argv[2], sys.argv[3:] or ["duckdb"]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="merit-dbt-"))
    leads, events = rows()
    write_csv(folder / "leads.csv", LEADS, leads)
    write_csv(folder / "events.csv", EVENTS, events)
    model = HERE / "dbt" / "model.merit"
    subprocess.run([merit, "dbt", model, "-o", folder / "package", "--columns", COLUMNS, "--quiet"], check=True)
    out = folder / "wanted.csv"
    run = [merit, "run", model, folder / "leads.csv", folder / "events.csv", "--as-of", AS_OF, "--columns", COLUMNS, "-o", out, "--quiet"]
    subprocess.run(run, check=True)
    with open(out, encoding="utf-8") as file:
        wanted = {row["lead_id"]: list(row.values()) for row in csv.DictReader(file)}
    targets = "".join(f"    {adapter}: {profile(adapter, folder)}\n" for adapter in adapters)
    (folder / "profiles.yml").write_text(f"lead_scores:\n  target: {adapters[0]}\n  outputs:\n{targets}", encoding="utf-8")
    for adapter in adapters:
        db = connect(adapter, folder)
        for table, columns, cells in [("leads", LEADS, leads), ("events", EVENTS, events)]:
            names = ", ".join(f'"{name}" {kind}' for name, kind in columns)
            db.execute(f"DROP TABLE IF EXISTS {table} CASCADE")
            db.execute(f"CREATE TABLE {table} ({names})")
            mark = "?" if adapter == "duckdb" else "%s"
            db.executemany(f"INSERT INTO {table} VALUES ({', '.join([mark] * len(columns))})", cells)
        if adapter == "duckdb":
            db.close()
        build = [dbt, "build", "--target", adapter, "--vars", f"{{merit_as_of: {AS_OF}}}", "--profiles-dir", folder]
        usual = os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        built = subprocess.run(build, cwd=folder / "package", env=usual, capture_output=True, text=True)
        if built.returncode != 0:
            print(built.stdout[-5000:], built.stderr[-2000:])
            return 1
        db = connect(adapter, folder)
        found = db.execute(f"SELECT {COLUMNS} FROM lead_scores").fetchall()
        got = {row[0]: [said(cell) for cell in row] for row in found}
        if got != wanted:
            key = next(key for key in wanted if got.get(key) != wanted[key])
            print(f"{adapter}: {key}: wanted {wanted[key]}, got {got.get(key)}")
            return 1
        tests = next(line for line in built.stdout.splitlines() if "Done. PASS" in line)
        print(f"dbt-{adapter}: {len(got)} leads in {len(COLUMNS.split(','))} columns, no difference; {tests.split('  ')[-1].strip()}")
    return 0


sys.exit(main())
