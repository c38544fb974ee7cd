"""From a cause to its receivers, over real HTTP and real mail: once, in order, whatever was down meanwhile
(contract §11).

Belongs here: outbox, delivery, webhook and mail together. Does not: which facts there are (test_lifecycle),
kills (test_kill).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from mbr_pipeline.alerts.causes import Cause, Fact
from mbr_pipeline.alerts.delivery import Sent, send_all
from mbr_pipeline.alerts.outbox import Outbox
from mbr_pipeline.storage.database.tables import deliveries, outbox
from mbr_pipeline.storage.database.times import now
from mbr_pipeline.workspace.alert_settings import Alerts, Route
from tests.alerts.conftest import SECRET
from tests.support.sinks import MailSink, WebSink

CAUSE = Cause("acme", "2026-10", "GATE_BLOCKED")
FACT = Fact(CAUSE, "acme 2026-10: blocked", "why", "mbr run", ("FILE_MISSING",), {"USD": "80.00"})
START = now()


def _all(_: Cause) -> bool:
    return True


def _send(box: Outbox, at: datetime = START, **options: Any) -> Sent:
    return send_all(box, time_of=lambda: at, **options)


def _bodies(web: WebSink) -> list[dict[str, Any]]:
    return [json.loads(body) for body, _ in web.got]


def _statuses(web: WebSink) -> list[str]:
    return [body["status"] for body in _bodies(web)]


def test_every_receiver_gets_a_cause_once_and_its_end_once(box: Outbox, web: WebSink, post: MailSink) -> None:
    for _ in range(2):  # a second identical failure is silent
        box.record([FACT], _all, START)
        _send(box)
    assert _statuses(web) == ["firing"]
    assert sorted(mail["To"] for mail in post.got) == ["a@example.com", "b@example.com"]
    box.record([], _all, START)
    assert _send(box) == Sent(3, 0, {})
    assert _statuses(web) == ["firing", "resolved"]
    assert [mail["Subject"] for mail in post.got].count("[MBR resolved] acme 2026-10: blocked") == 2
    assert box.standing() == []


def test_a_webhook_gets_the_object_of_the_law_signed(box: Outbox, web: WebSink) -> None:
    box.record([FACT], _all, START)
    _send(box)
    [(body, headers)] = web.got
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-MBR-Signature"] == f"sha256={digest}"
    message = json.loads(body)
    assert list(message) == [
        "id", "cause_id", "status", "msp_id", "period", "cause", "subject", "title", "text", "action",
        "money", "first_at", "at",
    ]  # fmt: skip
    assert (message["cause_id"], message["cause"], message["subject"]) == (
        CAUSE.cause_id,
        "GATE_BLOCKED",
        None,
    )
    assert message["money"] == {"USD": "80.00"}


def test_mail_has_its_id_and_says_what_to_do(box: Outbox, post: MailSink) -> None:
    box.record([FACT], _all, START)
    _send(box)
    one, other = post.got
    assert one["Subject"] == "[MBR firing] acme 2026-10: blocked"
    assert one["X-MBR-Id"] == other["X-MBR-Id"] and len(one["X-MBR-Id"]) == 32
    text = one.get_content()
    assert "At stake (landed invoice lines): 80.00 USD" in text and "What to do: mbr run" in text


def test_hostile_texts_stay_texts(box: Outbox, web: WebSink, post: MailSink) -> None:
    title = 'x\r\nBcc: evil@example.com\r\n\r\n<b> \ud800 \x00 \x1b[2J "}'
    box.record([Fact(CAUSE, title, title, title)], _all, START)
    assert _send(box).problems == {}
    mail = post.got[0]
    assert mail["Bcc"] is None and "\n" not in mail["Subject"]
    [message] = _bodies(web)
    assert message["status"] == "firing" and "\x00" not in message["title"]


def test_changed_reasons_are_said_at_once_and_the_same_after_the_hours(box: Outbox, web: WebSink) -> None:
    box.record([FACT], _all, START)
    _send(box)
    changed = Fact(CAUSE, "acme 2026-10: blocked otherwise", "why", "mbr run", ("DRIFT",))
    box.record([changed], _all, START)
    _send(box)
    for hours, expected in ((23, 2), (24, 3), (25, 3), (48, 4)):
        later = START + timedelta(hours=hours)
        box.repeat(later)
        _send(box, later)
        assert len(web.got) == expected, hours
    bodies = _bodies(web)
    assert len({body["id"] for body in bodies}) == 4 and {body["cause_id"] for body in bodies} == {
        CAUSE.cause_id
    }


def test_what_could_not_be_delivered_arrives_in_order_when_the_channels_return(
    box: Outbox, web: WebSink, post: MailSink
) -> None:
    web.status, post.refused = 503, {"a@example.com", "b@example.com"}
    box.record([FACT], _all, START)
    first = _send(box)
    assert (first.delivered, first.waiting) == (0, 3)
    assert first.problems["ops"] == "127.0.0.1 answered 503"
    box.record([], _all, START)
    assert web.asked == 1
    assert _send(box).delivered == 0  # the pause is not over, and nothing overtakes
    assert web.asked == 1
    web.status, post.refused = 200, set()
    later = START + timedelta(minutes=1)
    assert _send(box, later) == Sent(6, 0, {})
    assert _statuses(web) == ["firing", "resolved"]
    for name in ("a@example.com", "b@example.com"):
        subjects = [mail["Subject"][:10] for mail in post.got if mail["To"] == name]
        assert subjects == ["[MBR firin", "[MBR resol"]


@pytest.mark.parametrize("behind", [0, 1, 30, -30])
def test_what_one_is_sending_no_other_sends_though_their_clocks_differ(
    box: Outbox, web: WebSink, behind: int
) -> None:
    web.may_answer.clear()
    box.record([FACT], _all, START)
    first = threading.Thread(target=_send, args=(box,))
    first.start()
    assert web.arrived.wait(10)
    second = _send(box, START - timedelta(seconds=behind), even_paused=True)
    web.may_answer.set()
    first.join()
    assert (second.problems, web.asked, _send(box).waiting) == ({}, 1, 0)


def test_one_receiver_that_refuses_hides_no_other(box: Outbox, post: MailSink) -> None:
    post.refused = {"a@example.com"}
    box.record([FACT], _all, START)
    done = _send(box)
    assert (done.delivered, done.waiting) == (2, 1)
    assert "refused the receiver a@example.com: 550" in done.problems["mail"]
    assert [mail["To"] for mail in post.got] == ["b@example.com"]


def test_pauses_grow_and_send_does_not_wait_for_them(box: Outbox, web: WebSink) -> None:
    web.status = 500
    box.record([FACT], _all, START)
    at, asked = START, []
    for _ in range(20):
        _send(box, at)
        asked.append(web.asked)
        at += timedelta(seconds=30)
    assert asked[-1] == 5  # after 0, 30, 90, 210 and 510 seconds, of 570
    _send(box, at, even_paused=True)
    assert web.asked == 6


def test_a_channel_that_fails_for_an_hour_is_told_by_the_others_and_given_up_after_7_days(
    box: Outbox, web: WebSink, post: MailSink
) -> None:
    web.status = 500
    box.record([FACT], _all, START)
    for hours in (0, 1, 2):
        _send(box, START + timedelta(hours=hours))
    told = [mail for mail in post.got if "alerts by ops" in mail["Subject"]]
    assert len(told) == 2  # one for each receiver, once
    assert [row["subject"] for row in box.standing()] == [None, "ops"]
    assert _send(box, START + timedelta(days=7)).waiting == 2  # the end of DELIVERY_FAILED for mail waits
    with box.database.reading() as connection:
        states = (
            connection.execute(sa.select(outbox.c.state).where(outbox.c.channel == "ops")).scalars().all()
        )
        log = connection.execute(sa.select(deliveries.c.outcome, deliveries.c.problem)).tuples().all()
    assert states == ["given_up"]
    assert ("given_up", "127.0.0.1 answered 500") in log


def test_a_redirect_is_not_followed_and_no_problem_shows_the_address(box: Outbox, web: WebSink) -> None:
    web.status, web.headers = 302, {"Location": web.url}
    box.record([FACT], _all, START)
    assert _send(box).problems["ops"] == "127.0.0.1 answered 302"
    web.close()
    problem = _send(box, even_paused=True).problems["ops"]
    assert "ConnectionError" in problem and "T0PSECRET" not in problem


def test_routes_choose_and_the_end_goes_where_the_beginning_went(
    box: Outbox, web: WebSink, post: MailSink
) -> None:
    def routed(*routes: Route) -> Outbox:
        return Outbox(box.database, box.settings.model_copy(update={"routes": list(routes)}))

    to_web = Route(msps=["acme"], causes=["GATE_BLOCKED"], channels=["ops"])
    routed(to_web).record([FACT], _all, START)
    _send(box)
    assert (len(web.got), len(post.got)) == (1, 0)
    routed(Route(channels=["mail"])).record([], _all, START)
    _send(box)
    assert (_statuses(web), len(post.got)) == (["firing", "resolved"], 0)


def test_what_follows_from_a_blocked_gate_is_kept_and_not_told(box: Outbox, web: WebSink) -> None:
    follows = Fact(Cause("acme", "2026-10", "SUITE_FAILED", "raw"), "t", "x", "a", follows=True)
    box.record([FACT, follows], _all, START)
    box.record([], _all, START)
    _send(box)
    assert [(b["cause"], b["status"]) for b in _bodies(web)] == [
        ("GATE_BLOCKED", "firing"),
        ("GATE_BLOCKED", "resolved"),
    ]


def test_a_heartbeat_is_sent_once_a_day_from_its_hour_on(box: Outbox, web: WebSink) -> None:
    beating = Alerts.model_validate(
        {
            **box.settings.model_dump(by_alias=True, exclude_unset=True),
            "heartbeat": {"channel": "ops", "hour": 7},
        }
    )
    beating_box = Outbox(box.database, beating)
    day = START.replace(hour=0, minute=0)
    for hour, expected in ((6, 0), (7, 1), (8, 1), (24 + 6, 1), (24 + 9, 2)):
        at = day + timedelta(hours=hour)
        beating_box.heartbeat(at)
        _send(beating_box, at)
        assert len(web.got) == expected, hour
    assert _statuses(web) == ["heartbeat", "heartbeat"]


def test_a_channel_taken_out_of_the_settings_holds_nothing(box: Outbox, web: WebSink) -> None:
    box.record([FACT], _all, START)
    left = {name: channel for name, channel in box.settings.channels.items() if name == "ops"}
    done = _send(Outbox(box.database, box.settings.model_copy(update={"channels": left})))
    assert (done, len(web.got)) == (Sent(1, 0, {}), 1)


def test_a_variable_that_is_not_set_is_a_problem_of_its_channel_alone(
    box: Outbox, post: MailSink, monkeypatch: Any
) -> None:
    monkeypatch.delenv("T_OPS_URL")
    box.record([FACT], _all, START)
    done = _send(box)
    assert done.problems == {"ops": "the environment variable T_OPS_URL is not set: set it where MBR runs"}
    assert len(post.got) == 2
