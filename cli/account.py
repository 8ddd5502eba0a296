"""`fittingroom account`: manage accounts."""

from __future__ import annotations

import time

import click

from cli.common import say, site_option
from store import Site, access


@click.group()
def account() -> None:
    """Manage who may log in to the staff's pages."""


@account.command()
@click.argument("name")
@site_option
@click.option(
    "--role",
    type=click.Choice(access.ROLES),
    default="staff",
    show_default=True,
    help="staff: rooms, requests, look book; technician: everything; analyst: figures.",
)
@click.password_option("--secret", prompt="PIN or password", help="Prompted for if not given.")
def add(site: Site, name: str, role: str, secret: str) -> None:
    """Add an account, or change its role and secret, which ends all its sessions."""
    with site.store.write() as session:
        access.add_account(session, name, role, secret, time.time())
    say(f"{name} may log in as {role}.")


@account.command()
@click.argument("name")
@site_option
def remove(site: Site, name: str) -> None:
    """Remove an account and end its sessions."""
    with site.store.write() as session:
        access.remove_account(session, name, time.time())
    say(f"{name} may no longer log in.")


@account.command(name="list")
@site_option
def list_accounts(site: Site) -> None:
    """List the accounts and their roles."""
    with site.store.read() as session:
        for known in access.accounts(session):
            click.echo(f"{known.name}\t{known.role}")
