"""What the tests of worlds share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

import pytest

from mbr_pipeline.scaffold.world import (
    World,
    make_world,
)


@pytest.fixture(scope="module", params=[(1, 8), (4, 3), (6, 1)], ids=lambda p: f"seed {p[0]}, {p[1]} clients")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    seed, clients = request.param
    return make_world(tmp_path_factory.mktemp("clean"), seed, clients)
