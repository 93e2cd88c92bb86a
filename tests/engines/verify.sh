#!/usr/bin/env bash
# `merit sql --verify` on PostgreSQL: starts a server of its own in a temporary folder, fills it with nasty rows, compares them, and
# sees that what differs, what is missing and a wrong password are told. Takes the server away again.
#
#     verify.sh [MERIT]     the program, target/debug/merit where none is named
#
# Where there is no PostgreSQL it says so and does nothing.
set -euo pipefail
merit=$(realpath "${1:-$(dirname "${BASH_SOURCE[0]}")/../../target/debug/merit}")

bin=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -1)
if [ ! -x "$bin/initdb" ] && command -v initdb > /dev/null; then
    bin=$(dirname "$(realpath "$(command -v initdb)")")
fi
if [ ! -x "$bin/initdb" ]; then
    echo "verify.sh: there is no PostgreSQL here, so nothing was compared"
    exit 0
fi

place=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then
    # The server does not run for root.
    chown postgres "$place"
    as=(runuser -u postgres --)
fi
chmod 755 "$place"
cd "$place"
finish() {
    "${as[@]}" "$bin/pg_ctl" -D "$place/data" -m immediate stop > /dev/null 2>&1 || true
    rm -rf "$place"
}
trap finish EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo owner > password
"${as[@]}" "$bin/initdb" -D "$place/data" -A scram-sha-256 --pwfile=password -U owner -E UTF8 --locale=C > log 2>&1 || { cat log; exit 1; }
"${as[@]}" "$bin/pg_ctl" -D "$place/data" -l "$place/data/log" -w start \
    -o "-p $port -k $place -c listen_addresses=127.0.0.1 -c fsync=off" > log 2>&1 || { cat log; exit 1; }

PGPASSWORD=owner "$bin/psql" -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U owner postgres > /dev/null <<'SQL'
CREATE SCHEMA crm;
CREATE TABLE crm.leads (
    lead_id varchar(40) PRIMARY KEY, employees numeric, revenue real, country text, tags text[], signup date,
    renewed timestamp, seen timestamptz, newsletter boolean, title varchar(80), note json
);
CREATE TABLE crm.events (
    id bigserial, lead_id text, type text, target text, at timestamptz, amount real, plan text, event_id uuid
);
SELECT setseed(0.5);
CREATE FUNCTION one(anyarray) RETURNS anyelement LANGUAGE sql VOLATILE
    AS 'SELECT $1[1 + floor(random() * array_length($1, 1))::int]';
INSERT INTO crm.leads SELECT
    CASE i % 7 WHEN 0 THEN 'Kim' || i || '@Acme.example' WHEN 1 THEN ' id ' || i || chr(160) ELSE 'id ' || i END,
    one(ARRAY[NULL, 10, 60, 99.9999, 1000, 1001.5, 'NaN', 1e18]::numeric[]),
    one(ARRAY[NULL, 0.1, 0.3, 1e10, 'Infinity']::real[]),
    one(ARRAY[NULL, 'us', ' CA ', E'\tGB\u00a0', 'de', '', ' ']),
    CASE floor(random() * 5) WHEN 0 THEN NULL WHEN 1 THEN '{}'::text[] WHEN 2 THEN ARRAY['vip', 'a']
        WHEN 3 THEN ARRAY['x', 'it''s "so", {or}'] ELSE ARRAY['VIP ; b'] END,
    one(ARRAY[NULL, '2023-05-01', '2024-01-01', '2024-06-01']::date[]),
    one(ARRAY[NULL, '2025-06-01 10:00:00.25', '2025-06-15 23:30', '2025-03-30 02:30']::timestamp[]),
    one(ARRAY[NULL, '2025-06-14 22:00:00Z', '2025-06-15 00:00:00.000001+05:30']::timestamptz[]),
    one(ARRAY[NULL, true, false]),
    one(ARRAY[NULL, 'CEO ', 'Ünal İ', 'head  of', 'ΣΊΣΥΦΟΣ', E'a\nb', 'it''s; "x" \ {y}']),
    '{}'
FROM generate_series(1, 20000) AS i;
INSERT INTO crm.events (lead_id, type, target, at, amount, plan, event_id) SELECT
    CASE j % 7 WHEN 0 THEN upper('Kim' || j || '@Acme.example') ELSE E'\t' || 'id ' || j || ' ' END,
    one(ARRAY['visited', 'Attended', ' bought', 'moved', NULL]),
    one(ARRAY['pricing', 'Webinar', NULL, 'https://a.example/pricing?x=1', 'a.example/blog/1']),
    CASE WHEN random() < 0.05 THEN NULL ELSE timestamptz '2025-07-02 12:00:00+02' - random() * interval '90 days' END,
    one(ARRAY[0.1, 1e10, NULL, -0.25]::real[]),
    one(ARRAY['free', 'Pro', NULL]),
    CASE WHEN random() < 0.1 THEN '00000000-0000-0000-0000-000000000001'::uuid END
FROM (SELECT 1 + floor(random() * 20000)::int AS j FROM generate_series(1, 100000)) AS x;
CREATE TABLE numbered (lead_id bigint, employees int);
INSERT INTO numbered SELECT i, i % 300 FROM generate_series(1, 500) AS i;
CREATE TABLE visits (lead_id bigint, type text, target text, at timestamp);
INSERT INTO visits SELECT i, 'visited', 'pricing', '2025-06-20' FROM generate_series(1, 250) AS i;
CREATE TABLE visits_as_text AS SELECT ' ' || lead_id AS lead_id, type, target, at FROM visits;
CREATE TABLE decomposed (lead_id text, title text);
INSERT INTO decomposed VALUES ('1', E'Ge\u0301rant'), ('2', 'Gérant');
CREATE TABLE zips (lead_id text, zip int);
INSERT INTO zips VALUES ('1', 12345);
CREATE TABLE papers (lead_id text, zip jsonb);
INSERT INTO papers VALUES ('1', '"12345"');
CREATE TABLE nobody (lead_id text, employees int);
CREATE ROLE reader LOGIN PASSWORD 'to read';
GRANT USAGE ON SCHEMA crm TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA crm TO reader;
GRANT SELECT ON numbered, visits, visits_as_text, decomposed, zips, papers, nobody TO reader;
ALTER ROLE reader SET default_transaction_read_only = on;
ALTER ROLE reader SET timezone = 'Asia/Kolkata';
ALTER ROLE reader SET datestyle = 'German';
SQL

cat > all.merit <<'MODEL'
model "All" { time zone "Europe/Berlin" }
field tags: list
score engagement up to 100 {
  when visited("pricing") in last 30 days add 30 because "Looked at prices"
  add 5 per attended("webinar") up to 20 halving every 20 days
  when visited("/blog/*") add 2
  when sum(bought(), amount) > 0.35 add 7
  when latest(moved(), plan) = "pro" add 4
}
score firmographic {
  when employees between 50 and 1000 add 20
  when revenue > 0.1 add 6
  points by country { in ["US", "CA"]: 15; "GB": 10; otherwise: 0 }
  when tags contains "vip" add 3
  when signup > 2024-01-01 add 1
  when renewed >= 2025-06-15 add 4
  when seen >= 2025-06-15 add 8
  when newsletter add 2
  when title mentions "ceo" or title = "σίσυφος" add 9
}
label team { "{title}" if title is known }
mql if score >= 30
sql if score >= 50 and firmographic >= 20
MODEL
printf 'when employees >= 100 add 10\nadd 5 per visited("pricing")\n' > numbered.merit
printf 'when employees >= 100 add 10\n' > employees.merit
printf 'when title = "gérant" add 10\n' > title.merit
printf 'when zip = "12345" add 10\n' > zip.merit

url=postgres://reader@127.0.0.1:$port/postgres
failed=0
# What is expected: the exit status, and words of what is said.
expect() {
    local status=$1 words=$2 got=0
    shift 2
    "$merit" sql "$@" --as-of 2025-06-30 --diagnostics plain > out 2>&1 || got=$?
    if [ "$got" != "$status" ] || ! tr '\n' ' ' < out | tr -s ' ' | grep -qF -- "$words" || grep -qE 'to read|wrong password' out; then
        printf 'verify.sh: merit sql %s: status %s, and not `%s`:\n' "$*" "$got" "$words"
        cat out
        failed=1
    fi
}
export HOME=$place
unset PGPASSWORD PGPASSFILE PGUSER PGHOST PGPORT PGDATABASE
crm=(--leads crm.leads --events crm.events)
expect 2 "give the password in PGPASSWORD" all.merit --verify "$url" "${crm[@]}"
PGPASSWORD="wrong password" expect 2 "check the user and the password" all.merit --verify "$url" "${crm[@]}"
# A file that others may read is not taken.
echo "127.0.0.1:$port:*:reader:to read" > .pgpass
chmod 644 .pgpass
expect 2 "give the password in PGPASSWORD" all.merit --verify "$url" "${crm[@]}"
chmod 600 .pgpass
expect 0 "10 of 20,000 leads and their" all.merit --verify "$url" "${crm[@]}" --sample 10
rm .pgpass
export PGPASSWORD="to read"
expect 0 "1,000 of 20,000 leads and their" all.merit --verify "$url" "${crm[@]}"
columns=lead_id,score,engagement,firmographic,missing,possible_score,possible_score_low,reasons,review,team,stage,could_be
expect 0 "20,000 leads and their" all.merit --verify "$url" "${crm[@]}" --sample 100000 --columns $columns
expect 0 "500 leads and their 250 records" numbered.merit --verify "$url" --leads numbered --events visits
expect 0 "500 leads and their 250 records" numbered.merit --verify "$url" --leads numbered --events visits_as_text
expect 1 "is not in NFC" title.merit --verify "$url" --leads decomposed
expect 0 "1 lead compared" zip.merit --verify "$url" --leads zips
expect 2 "PostgreSQL does not run the query" zip.merit --verify "$url" --leads papers
expect 2 "there is no lead with an id" employees.merit --verify "$url" --leads nobody
expect 2 "did you mean \`crm.leads\`?" all.merit --verify "$url" --leads crm.lead --events crm.events
expect 2 "has no column \`zip\`" zip.merit --verify "$url" --leads nobody
expect 2 "does not exist" all.merit --verify "${url}x" "${crm[@]}"
expect 2 "Merit does not speak yet" all.merit --verify "$url?sslmode=require" "${crm[@]}"
[ "$failed" = 0 ] && echo "verify.sh: PostgreSQL and the interpreter agree, and what is wrong is told"
exit "$failed"
