"""The examples of docs/how-to/https.md, run: nginx and Caddy before the real server, over HTTPS."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from store import Site, access
from tests.browser_setup import find_program
from tests.web.conftest import PROXY_NAME as NAME
from tests.web.conftest import running_server

CLIENT = "127.0.0.3"
Answer = http.client.HTTPResponse
PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "https.md"


def examples(language: str) -> list[str]:
    """The configurations in the documentation: for a host of its own, and under a path."""
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(found) == 2
    return found


def nginx_config(folder: Path, prefix: str, port: int, upstream: str) -> list[str]:
    whole, under_path = examples("nginx")
    if prefix:
        whole = re.sub(
            r"    location / \{.*?\n    \}\n", lambda _: under_path, whole, flags=re.DOTALL
        )
    for written, here in (
        ("listen 443", f"listen 127.0.0.1:{port}"), ("127.0.0.1:8080", upstream),
        (f"/etc/ssl/{NAME}", str(folder / "server")),
    ):  # fmt: skip
        assert written in whole
        whole = whole.replace(written, here)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"pid {folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{whole}}}\n"
    )
    return ["-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off; user root;"]


def caddy_config(folder: Path, prefix: str, port: int, upstream: str) -> list[str]:
    whole = examples("caddy")[bool(prefix)]
    site = f"https://{NAME}:{port} {{\n    tls {folder}/server.crt {folder}/server.key"
    assert whole.startswith(f"{NAME} {{")
    assert "127.0.0.1:8080" in whole
    whole = whole.replace(f"{NAME} {{", site, 1).replace("127.0.0.1:8080", upstream)
    options = "{\n    admin off\n    auto_https disable_redirects\n    default_bind 127.0.0.1\n}\n"
    (folder / "Caddyfile").write_text(options + whole)
    return ["run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@contextmanager
def proxy(program: str, folder: Path, prefix: str, upstream: str) -> Iterator[int]:
    """Run a proxy as the documentation says; gives its port."""
    path = find_program(program)
    if path is None:
        pytest.skip(f"no {program} on this machine")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    configure = nginx_config if program == "nginx" else caddy_config
    environment = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder),
                   "HOME": str(folder)}  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [path, *configure(folder, prefix, port, upstream)],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            wait_for(port, process, folder / "log")
            yield port
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:  # Caddy waits for whoever is connected
                process.kill()
                process.wait(20)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(log.read_text())


class Browser:
    """Asks over HTTPS as a browser does, and keeps cookies."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.cookies = port, dict[str, str]()
        self.context = ssl.create_default_context(cafile=str(folder / "ca.pem"))

    @contextmanager
    def asking(self, method: str, path: str, body: Any = None) -> Iterator[Answer]:
        """Send a request; gives the answer, still to be read."""
        plain = socket.create_connection(
            ("127.0.0.1", self.port), timeout=60, source_address=(CLIENT, 0)
        )
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
                   "Origin": f"https://{NAME}", "X-Forwarded-For": "6.6.6.6",
                   "X-Forwarded-Prefix": "/evil"}  # fmt: skip
        if body is not None:
            headers["Content-Type"] = "application/json"
        with closing(http.client.HTTPConnection(NAME)) as connection:
            connection.sock = self.context.wrap_socket(plain, server_hostname=NAME)
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            with connection.getresponse() as answer:
                yield answer

    def ask(self, method: str, path: str, body: Any = None) -> tuple[Answer, bytes]:
        """Send a request and read the answer."""
        with self.asking(method, path, body) as answer:
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer, answer.read()


@contextmanager
def behind_proxy(program: str, prefix: str, shop: Site, folder: Path) -> Iterator[int]:
    """Serve a shop with an account behind a proxy of the documentation; gives the proxy's port.

    The folder holds the certificate of the authority, `ca.pem`.
    """
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate = authority.issue_cert(NAME)
    certificate.private_key_pem.write_to_path(str(folder / "server.key"))
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(str(folder / "server.crt"), append=True)
    settings = {"open": False, "address": f"https://{NAME}{prefix}",
                "trusted_proxies": ("127.0.0.1", "::1")}  # fmt: skip
    web = shop.settings.web.model_copy(update=settings)
    site = replace(shop, settings=shop.settings.model_copy(update={"web": web}))
    with site.store.write() as session:
        access.add_account(session, "Anna", "technician", "482915", 0.0)
    with running_server(site) as server:
        upstream = server.address.removeprefix("http://")
        with proxy(program, folder, prefix, upstream) as port:
            yield port
    site.store.close()


@pytest.mark.parametrize("prefix", ["", "/fitting"])
@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_the_documented_proxy(program: str, prefix: str, shop: Site, tmp_path: Path) -> None:
    with behind_proxy(program, prefix, shop, tmp_path) as port:
        use(Browser(port, tmp_path), prefix)


def use(browser: Browser, prefix: str) -> None:
    """Log in, look around, follow a live page, log out."""
    stranger, _ = browser.ask("GET", f"{prefix}/staff")
    assert stranger.status == 302
    assert stranger.headers["Location"].startswith(f"{prefix}/login?next=")
    form = {"name": "anna", "secret": "482915", "next": f"{prefix}/staff"}
    login, body = browser.ask("POST", f"{prefix}/api/login", form)
    assert login.status == 200, body
    assert json.loads(body)["next"] == f"{prefix}/staff"
    for cookie in login.headers.get_all("Set-Cookie") or ():
        assert "Secure" in cookie
        assert f"Path={prefix}/" in cookie.split("; ")
    assert login.headers["Strict-Transport-Security"]
    page = browser.ask("GET", f"{prefix}/staff")[1].decode()
    assert f'data-base="{prefix}"' in page
    for file in re.findall(r'(?:src|href)="([^"]*static[^"]*)"', page):
        assert file.startswith(f"{prefix}/static/")
        assert browser.ask("GET", file)[0].status == 200
    told = json.loads(browser.ask("GET", f"{prefix}/api/access")[1])
    assert told["logins"][0]["address"] == CLIENT
    with browser.asking("GET", f"{prefix}/api/staff/events") as live:
        lines = [live.readline() for _ in range(6)]
        assert b"event: state\n" in lines, "the proxy keeps live pages back"
    assert browser.ask("POST", f"{prefix}/api/logout", {})[0].status == 200
    assert browser.ask("GET", f"{prefix}/api/staff")[0].status == 401
