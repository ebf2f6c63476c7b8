"""Any sequence of operations, with clock jumps, duplicates and crashes, against a plain model, over PostgreSQL."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from routing.testing import NOW, furnish, unsound
from tests.store.test_model import StoreMachine
from tests.store_postgres.conftest import Cluster


@pytest.mark.slow
def test_no_sequence_of_operations_loses_anything(cluster: Cluster) -> None:
    class PostgresMachine(StoreMachine):
        @initialize()
        def begin(self) -> None:
            self.database = cluster.database()
            self.store = cluster.open(self.database, pool=2)
            with self.store.writing(NOW) as tx:
                furnish(tx)

        @rule()
        def seal_and_open_again(self) -> None:
            with self.store.writing(self.now) as tx:
                tx.seal()
            self.store.close()
            self.store = cluster.open(self.database, pool=2)

        def teardown(self) -> None:
            assert unsound(self.store) == []
            self.store.close()
            cluster.give_back(self.database)

    how = settings(max_examples=6, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(PostgresMachine, settings=how)
