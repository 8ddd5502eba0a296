"""Send a summary: an e-mail by SMTP, a signed message by HTTP."""

from __future__ import annotations

import hashlib
import json
import smtplib
import ssl
import urllib.error
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from standardwebhooks import Webhook

from common.environment import read_secret
from common.errors import FittingroomError, SettingsError
from common.settings import SummarySettings
from services.posting import post_json
from services.summary.message import Summary, as_data, as_html, as_text

_PASSWORD: Final = "FITTINGROOM_SMTP_PASSWORD"
_SECRET: Final = "FITTINGROOM_SUMMARY_SECRET"
_TIMEOUT_S: Final = 20.0
_PORTS: Final = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


class NotSent(FittingroomError):
    """Nothing arrived: it can be sent again."""


class PerhapsSent(FittingroomError):
    """The connection broke while the message was handed over."""


def send_email(summary: Summary, settings: SummarySettings, now: float) -> None:
    """Send a summary by e-mail.

    Raises:
        NotSent: The server was not reached, or refused it.
        PerhapsSent: The connection broke after the message was handed over.
        SettingsError: The file with the password cannot be read.
    """
    password = read_secret(_PASSWORD)
    message = compose_email(summary, settings, now)
    try:
        smtp = _connect(settings, password)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotSent(f"summary.smtp: {_why(error)}") from error
    try:
        refused = smtp.send_message(message)
    except smtplib.SMTPServerDisconnected as error:
        raise PerhapsSent(str(error)) from error
    except smtplib.SMTPException as error:
        raise NotSent(_why(error)) from error
    except OSError as error:
        raise PerhapsSent(str(error)) from error
    finally:
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()
    if refused:
        raise PerhapsSent(f"{len(refused)} of the addresses were refused.")


def compose_email(summary: Summary, settings: SummarySettings, now: float) -> EmailMessage:
    """Write a summary as an e-mail; the same summary has the same id."""
    message = EmailMessage()
    message["Subject"] = " ".join(summary.title.split())
    sender = _sender(settings)
    message["From"], message["To"] = sender, ", ".join(settings.email)
    message["Date"] = datetime.fromtimestamp(now, UTC)
    domain = sender.rpartition("@")[2]
    message["Message-ID"] = f"<{identity(summary)}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(summary))
    message.add_alternative(as_html(summary), subtype="html")
    return message


def _sender(settings: SummarySettings) -> str:
    """Return who sends: the user of the mail server, at its host where the name has none."""
    address = urlsplit(settings.smtp)
    user = unquote(address.username or "fittingroom")
    return user if "@" in user else f"{user}@{address.hostname}"


def _connect(settings: SummarySettings, password: str) -> smtplib.SMTP:
    """Connect to the mail server of an address, and log in where that names a user."""
    address, context = urlsplit(settings.smtp), ssl.create_default_context()
    where = address.hostname or "", address.port or _PORTS[address.scheme]
    smtp: smtplib.SMTP
    if address.scheme == "smtps":
        smtp = smtplib.SMTP_SSL(*where, timeout=_TIMEOUT_S, context=context)
    else:
        smtp = smtplib.SMTP(*where, timeout=_TIMEOUT_S)
    try:
        if address.scheme == "smtp":
            smtp.starttls(context=context)
        if address.username:
            smtp.login(unquote(address.username), password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def identity(summary: Summary) -> str:
    """Name the summary of a shop's day: repeated, it has the same name."""
    digest = hashlib.sha256(f"{summary.shop}\n{summary.day}".encode()).hexdigest()
    return f"summary-{summary.day.isoformat()}-{digest[:16]}"


def send_webhook(summary: Summary, settings: SummarySettings, now: float) -> None:
    """Send a summary as JSON, signed as Standard Webhooks says.

    A repeated one has the same `webhook-id`: receivers leave it out.

    Raises:
        NotSent: The address was not reached, did not answer, or refused it.
        SettingsError: There is no secret to sign with.
    """
    body = json.dumps(as_data(summary), ensure_ascii=False)
    headers = sign(identity(summary), body, now)
    try:
        post_json(settings.webhook, body, _TIMEOUT_S, headers)
    except urllib.error.HTTPError as error:
        error.close()
        moved = "; set the address to which it redirects" if 300 <= error.code < 400 else ""
        raise NotSent(f"summary.webhook answered {error.code}{moved}.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise NotSent(f"summary.webhook: {_why(error)}") from error


def sign(message: str, body: str, now: float) -> dict[str, str]:
    """Return the headers of a message: its id, time, and signature.

    Raises:
        SettingsError: There is no secret, or it is none.
    """
    secret = read_secret(_SECRET)
    if not secret:
        raise SettingsError(
            f"summary.webhook needs a secret to sign with: set {_SECRET} or {_SECRET}_FILE."
        )
    moment = datetime.fromtimestamp(int(now), UTC)
    try:
        signature = Webhook(secret).sign(message, moment, body)
    except (ValueError, RuntimeError) as error:
        raise SettingsError(f"{_SECRET} is not `whsec_` and base64.") from error
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(now)),
        "webhook-signature": signature,
    }


def _why(error: Exception) -> str:
    """Describe a failure; what a server says to a login may repeat the password."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the server refused the user or password ({error.smtp_code})."
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the server refused it ({error.smtp_code})."
    known: Any = (OSError, smtplib.SMTPException)
    shown = isinstance(error, known) and not isinstance(
        error, UnicodeError | urllib.error.HTTPError
    )
    return f"{error}" if shown else f"{type(error).__name__}; check the settings of the summary."
