"""Each day's summary reaches people and programs once, also after failures."""

from __future__ import annotations

import json
import logging
import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from services.summary.sending import Summaries, send_summary
from services.summary.transport import sign
from store import Site, open_site
from store.schema import JournalEntry
from store.summaries import claim
from tests.services.summary.conftest import (
    CLOSED,
    SECRET,
    HookServer,
    MailServer,
    with_summary,
)
from tests.web.conftest import running_server

DAY = date(2026, 5, 29)


def mailing(site: Site, mail: MailServer, user: str = "") -> Site:
    return with_summary(
        site,
        email=("boss@example.com", "it@example.com"),
        smtp=f"smtp+plain://{user}127.0.0.1:{mail.port}",
    )


def kinds(site: Site) -> list[str]:
    with site.store.read() as session:
        query = select(JournalEntry.kind).where(JournalEntry.kind.startswith("summary."))
        found = session.scalars(query.order_by(JournalEntry.id))
        return [kind.removeprefix("summary.") for kind in found]


def test_a_day_is_mailed_once(day_shop: Site, mail: MailServer) -> None:
    site = mailing(day_shop, mail)
    for later in (0, 30, 3600, 20_000):
        Summaries(site, lambda later=later: CLOSED + later).step()
    (message,) = mail.got
    assert mail.to == [["boss@example.com", "it@example.com"]]
    assert message["From"] == "fittingroom@127.0.0.1"
    assert message["Subject"] == "Test shop, Friday 2026-05-29: 6 visits"
    text = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert "Declined: 6" in text
    assert "Crew-neck tee, red, size M (T1-M): 6 lost" in text
    assert "<td>Declined</td>" in message.get_body(("html",)).get_content()  # type: ignore[attr-defined]
    assert kinds(site) == ["sending", "sent"]


def test_nothing_is_sent_before_the_shop_has_closed(day_shop: Site, mail: MailServer) -> None:
    site = mailing(day_shop, mail)
    Summaries(site, lambda: CLOSED - 3600).step()
    # 21:30: Thursday's summary was due at 22:00, which is less than a day ago.
    assert [message["Subject"] for message in mail.got] == [
        "Test shop, Thursday 2026-05-28: fewer than 5 visits"
    ]


def test_a_refused_mail_is_sent_again_later(
    day_shop: Site, mail: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    site = mailing(day_shop, mail)
    mail.answers = ["451 try later", "554 no"]
    with caplog.at_level(logging.INFO, logger="fittingroom.summary"):
        for later in (0, 30, 61, 100, 61 + 121, 400):
            Summaries(site, lambda later=later: CLOSED + later).step()
    assert len(mail.got) == 1
    assert kinds(site) == ["sending", "failed", "sending", "failed", "sending", "sent"]
    assert "the server refused it (451)" in caplog.text


def test_what_may_have_arrived_is_not_repeated(day_shop: Site, mail: MailServer) -> None:
    site = mailing(day_shop, mail)
    mail.answers = ["disconnect"]
    outcome = send_summary(site, DAY, "email", CLOSED)
    assert outcome is not None
    assert outcome.startswith("perhaps sent")
    for later in (100, 10_000):
        assert send_summary(site, DAY, "email", CLOSED + later) is None
    assert len(mail.got) == 1
    assert send_summary(site, DAY, "email", CLOSED + 10_000, again=True) == "sent"


def test_a_process_that_dies_sends_nothing_twice(day_shop: Site, mail: MailServer) -> None:
    site = mailing(day_shop, mail)
    assert claim(site, DAY, "email", CLOSED) == 1  # and then nothing: it died
    assert send_summary(site, DAY, "email", CLOSED + 50_000) is None
    assert mail.got == []


def test_two_servers_send_one_mail(day_shop: Site, mail: MailServer) -> None:
    one, other = (mailing(site, mail) for site in (day_shop, open_site(day_shop.folder)))
    found = [claim(site, DAY, "email", CLOSED) for site in (one, other, one)]
    assert found == [1, None, None]
    other.store.close()


def test_a_password_comes_from_a_file(
    day_shop: Site, mail: MailServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site = mailing(day_shop, mail, "rooms%40shop.example@")
    monkeypatch.setenv("FITTINGROOM_SMTP_PASSWORD", "wrong")
    outcome = send_summary(site, DAY, "email", CLOSED)
    assert outcome is not None
    assert "refused the user or password (535)" in outcome
    monkeypatch.delenv("FITTINGROOM_SMTP_PASSWORD")
    (tmp_path / "password").write_text("p4ss\n")
    monkeypatch.setenv("FITTINGROOM_SMTP_PASSWORD_FILE", str(tmp_path / "password"))
    assert send_summary(site, DAY, "email", CLOSED + 100) == "sent"
    assert set(mail.users) == {b"rooms@shop.example"}
    assert mail.got[0]["From"] == "rooms@shop.example"
    monkeypatch.setenv("FITTINGROOM_SMTP_PASSWORD_FILE", str(tmp_path / "nothing"))
    outcome = send_summary(site, DAY, "email", CLOSED + 200, again=True)
    assert outcome is not None
    assert "cannot be read" in outcome


def test_a_webhook_is_signed_and_repeated_with_its_id(
    day_shop: Site, hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITTINGROOM_SUMMARY_SECRET", SECRET)
    site, now = with_summary(day_shop, webhook=hook.address), time.time()
    hook.answers = [500]
    refused = send_summary(site, DAY, "webhook", now)
    assert refused == "not sent: summary.webhook answered 500."
    assert send_summary(site, DAY, "webhook", now + 100) == "sent"
    (_, first), (headers, body) = hook.got
    assert first == body
    assert len({sent["webhook-id"] for sent, _ in hook.got}) == 1
    data = Webhook(SECRET).verify(body, headers)
    assert (data["type"], data["data"]["day"]) == ("summary.day", "2026-05-29")
    assert data["data"]["figures"]["declined"]["now"]["value"] == 6
    assert "Declined: 6" in data["text"]
    assert "t0ken" not in json.dumps(kinds(site))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_webhook_that_has_moved_is_not_sent(
    day_shop: Site, hook: HookServer, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("FITTINGROOM_SUMMARY_SECRET", SECRET)
    hook.answers.append(status)
    site = with_summary(day_shop, webhook=hook.address)
    outcome = send_summary(site, DAY, "webhook", CLOSED)
    moved = "set the address to which it redirects"
    assert outcome == f"not sent: summary.webhook answered {status}; {moved}."


@pytest.mark.parametrize("secret", ["", "whsec_a"])
def test_a_webhook_without_a_secret_is_not_sent(
    day_shop: Site, hook: HookServer, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("FITTINGROOM_SUMMARY_SECRET", secret)
    site = with_summary(day_shop, webhook=hook.address)
    outcome = send_summary(site, DAY, "webhook", CLOSED)
    assert outcome is not None
    assert "FITTINGROOM_SUMMARY_SECRET" in outcome
    assert hook.got == []


def test_a_signature_is_that_of_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    # The example of Standard Webhooks' specification.
    monkeypatch.setenv("FITTINGROOM_SUMMARY_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}', 1614265330)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/t0ken", "http://127.0.0.1:x/t0ken"])
def test_an_address_that_cannot_be_reached_shows_no_token(
    day_shop: Site, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("FITTINGROOM_SUMMARY_SECRET", SECRET)
    site = with_summary(day_shop, webhook=address)
    outcome = send_summary(site, DAY, "webhook", CLOSED)
    assert outcome is not None
    assert outcome.startswith("not sent: summary.webhook")
    assert "t0ken" not in outcome


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_without_encryption_nothing_is_handed_over(
    day_shop: Site, mail: MailServer, scheme: str
) -> None:
    summary = mailing(day_shop, mail, "rooms@").settings.summary
    site = with_summary(
        day_shop, **dict(summary) | {"smtp": summary.smtp.replace("smtp+plain", scheme)}
    )
    outcome = send_summary(site, DAY, "email", CLOSED)
    assert outcome is not None
    assert outcome.startswith("not sent: summary.smtp")
    assert mail.got == mail.users == []


@pytest.mark.parametrize("wanted", [True, False])
def test_a_server_sends_summaries_where_somebody_wants_them(day_shop: Site, wanted: bool) -> None:
    more = {"webhook": "http://127.0.0.1:1/t0ken"} if wanted else {}
    site = with_summary(day_shop, **more)
    with running_server(site) as server:
        workers = {worker.name for worker in server._workers.states()}
    site.store.close()
    assert ("summary" in workers) == wanted
    assert "cameras" in workers
