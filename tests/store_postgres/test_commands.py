"""Every command works by address as it does by file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store_postgres.server import Server

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
CITY = ROOT / "examples" / "city-hospitals"
AT = ("--at", "2026-03-10T18:00:00+00:00")


def routing(*said: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "routing", *said], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_the_commands_of_a_store_take_an_address(durable: Server, in_use: str, tmp_path: Path) -> None:
    owner, hosts = durable.url(in_use, "owner"), durable.url(in_use, "hosts")
    book = str(CITY / "radiology.rules")
    assert "0001_pre_tables.sql" in routing("migrate", owner, "--app-role", "hosts")
    assert "nothing was to be applied" in routing("migrate", owner, "--app-role", "hosts", "--phase", "pre")

    samples = str(CITY / "samples" / "hl7")
    received = json.loads(routing("receive", "--store", hosts, "--rulebook", book, "--format", "json", samples))
    listed = json.loads(routing("list", "--store", hosts, "--format", "json"))
    counts = json.loads(routing("counts", "--store", hosts, "--format", "json"))
    sealed = json.loads(routing("seal", "--store", hosts, "--format", "json"))
    (tmp_path / "seal.json").write_text(json.dumps(sealed))

    assert received
    assert listed
    assert counts
    assert sealed["items"] > 0
    assert "clean" in routing("verify", "--store", hosts, "--anchor", str(tmp_path / "seal.json"))
    assert routing("export", "--store", hosts).splitlines()[-1].startswith('{"rows"')
    routing("backup", "--store", hosts, str(tmp_path / "copy.db"), code=1)
    routing("verify", "--store", owner, "--repair", "--by", "me", code=1)  # sound, but seen as the owner


def test_a_copy_is_made_by_command(durable: Server, in_use: str, tmp_path: Path) -> None:
    owner, hosts = durable.url(in_use, "owner"), durable.url(in_use, "hosts")
    file, samples = str(tmp_path / "w.db"), str(CITY / "samples" / "hl7")
    routing("receive", "--store", file, "--rulebook", str(CITY / "radiology.rules"), *AT, samples)
    before = routing("list", "--store", file, *AT, "--format", "json")
    routing("migrate", owner, "--app-role", "hosts", "--reader-role", "watcher")

    copied = json.loads(routing("copy", file, owner, "--format", "json"))

    assert copied["open_items"] == len(json.loads(before))
    assert routing("list", "--store", hosts, *AT, "--format", "json") == before
    routing("copy", file, owner, code=1)
