"""Who was left out of a closed month is told until a later version has them (contract §9, §11).

Belongs here: the cause EXCEPTED over real versions. Does not: closing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from mbr_pipeline.alerts.watch import look, outbox_of
from tests.alerts.conftest import channels
from tests.release.standing import Standing
from tests.release.test_status import HELD, PASSED
from tests.support.sinks import MailSink
from tests.support.small import PERIOD

_DAY = datetime(2026, 11, 3, 12, tzinfo=UTC)


def test_who_is_left_out_is_told_with_the_money_until_a_version_has_them(
    tmp_path: Path, post: MailSink
) -> None:
    standing = Standing(tmp_path, channels(post))
    box = outbox_of(standing.workspace)
    assert box

    def told() -> list[tuple[str, str, str]]:
        look(standing.workspace, box, _DAY)
        return [(c["subject"], c["period"], c["title"]) for c in box.standing() if c["cause"] == "EXCEPTED"]

    standing.audited(HELD)
    assert told() == []
    standing.close(left_out=("C-2",))
    assert told() == [("C-2", PERIOD, f"acme {PERIOD}: C-2 was left out of version 1")]
    [fact] = [each for each in box.standing() if each["cause"] == "EXCEPTED"]
    assert fact["money"] == {"JPY": "700", "USD": "64.00"}
    assert fact["action"] == f"mbr reopen --msp acme --period {PERIOD} --reason TEXT"
    standing.enter("reopen", "owner1", {"version": "1", "reason": "decided"})
    standing.audited(PASSED)
    assert len(told()) == 1
    standing.close(2)
    assert told() == []
