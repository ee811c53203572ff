"""The same list of data sets as a Flask application serves it: one query, one JSON document.

It keeps one connection per thread, as a careful Flask application does.
"""

import json
import os
import sqlite3
import threading

from flask import Flask, jsonify

URL = os.environ["BASELINE_DATABASE"]
QUERY = """select id, number, name, description, source, version, rows, columns, target, created_at, updated_at
           from data_set where number > 0 order by number limit 51"""

app = Flask(__name__)
local = threading.local()


def connection():
    """The thread's own connection."""
    if not hasattr(local, "connection"):
        if URL.startswith("postgres"):
            import psycopg

            local.connection = psycopg.connect(URL, autocommit=True)
        else:
            local.connection = sqlite3.connect(URL)
    return local.connection


def data_set(row):
    """A row as the API shows it."""
    keys = ("id", "number", "name", "description", "source", "version", "rows", "columns", "target", "created_at", "updated_at")
    shown = dict(zip(keys, row))
    shown["columns"] = json.loads(shown["columns"])
    return shown


@app.get("/api/v1/datasets")
def data_sets():
    """Lists the data sets."""
    rows = connection().execute(QUERY).fetchall()
    return jsonify(items=[data_set(row) for row in rows[:50]], next=None)


def fill(path):
    """Copies the items of a JSON list into the database."""
    with open(path, encoding="utf-8") as file:
        items = json.load(file)["items"]
    mark = "%s" if URL.startswith("postgres") else "?"
    database = connection()
    database.execute("drop table if exists data_set")
    database.execute(
        """create table data_set (id text primary key, number bigint unique, name text, description text, source text,
           version bigint, rows bigint, columns text, target text, created_at text, updated_at text)"""
    )
    for item in items:
        values = list(item.values())
        values[list(item).index("columns")] = json.dumps(item["columns"])
        database.execute(
            f"insert into data_set ({','.join(item)}) values ({','.join([mark] * len(item))})", values
        )
    database.commit()


if __name__ == "__main__":
    import sys

    fill(sys.argv[1])
