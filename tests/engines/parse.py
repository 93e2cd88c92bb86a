"""Reads the queries for engines that are not executed here, and holds every function in them against a list of what they have.

    parse.py DIALECT CASES     CASES as `cases_for_other_engines` in tests/suite/sql.rs writes them

Ends with 1 at the first query that cannot be read or calls something else.
"""

import json
import re
import sys

import sqlglot

# From the references of the two warehouses.
COMMON = "ABS CAST CHR COALESCE COUNT FLOOR LENGTH LOWER LTRIM MAX MIN MOD NULLIF REGEXP_REPLACE REPLACE ROW_NUMBER RTRIM SUBSTR SUM TRANSLATE TRIM LEAD"
FUNCTIONS = {
    "snowflake": set(f"{COMMON} ARRAY_SIZE ARRAY_TO_STRING CHARINDEX DATE_PART FILTER REGEXP_INSTR REGEXP_LIKE".split()),
    "bigquery": set(f"{COMMON} ARRAY_LENGTH ARRAY_TO_STRING DIV REGEXP_CONTAINS STRPOS UNIX_MICROS UNNEST".split()),
}
# What stands before a parenthesis and is no function.
WORDS = set("ALL AND AS BY DISTINCT ELSE EXISTS FROM IN IS LIKE NOT NUMBER ON OR OVER SELECT THEN UNION WHEN WHERE WITH".split())


def main():
    dialect = sys.argv[1]
    queries = 0
    with open(sys.argv[2], encoding="utf-8") as cases:
        for line in cases:
            case = json.loads(line)
            query = case["query"]
            bare = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "''", query)
            called = set(re.findall(r"\b([A-Z][A-Z_0-9]*)\s*\(", bare)) - WORDS
            unknown = called - FUNCTIONS[dialect]
            if unknown:
                print(f"seed {case['seed']}: {dialect} is not known to have {', '.join(sorted(unknown))}")
                return 1
            try:
                sqlglot.parse_one(query, dialect=dialect)
            except sqlglot.errors.SqlglotError as error:
                print(f"seed {case['seed']}: {str(error)[:2000]}")
                return 1
            queries += 1
    print(f"{dialect}: {queries} queries read, all functions known; not executed here")
    return 0


sys.exit(main())
