"""Write what the migrations make into `objects.json`, after one was added: `python -m tests.store_postgres.objects`."""

import json
from pathlib import Path

import psycopg

from routing.store.postgres import schema
from tests.store_postgres.server import Server, machine_binaries, wheel_binaries

TARGET = Path(schema.__file__).with_name("objects.json")


def found_by(server: Server) -> dict[str, str]:
    """Return the objects of a new store, as this server's catalogue has them."""
    server.execute("CREATE ROLE maker LOGIN CREATEROLE")
    server.execute("CREATE DATABASE objects OWNER maker")
    schema.migrate(server.url("objects", "maker"), app_role="users")
    with psycopg.connect(server.url("objects", "maker")) as connection:
        connection.execute("SET search_path = routing")
        return schema.objects_of(connection)


if __name__ == "__main__":
    server = Server(machine_binaries() or wheel_binaries())
    try:
        TARGET.write_text(json.dumps(found_by(server), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    finally:
        server.close()
