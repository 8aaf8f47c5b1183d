"""Every setting of an installation, read once from the environment and checked before anything starts."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend.setting_values import addresses as _addresses
from backend.setting_values import guid as _guid
from backend.setting_values import guids as _guids
from backend.setting_values import key_file as _key_file
from backend.setting_values import one_of as _one_of
from backend.setting_values import path as _path
from backend.setting_values import postgres as _postgres
from backend.setting_values import secret as _secret
from backend.setting_values import text as _text
from backend.setting_values import url as _url
from backend.setting_values import whole as _whole
from backend.setting_values import zone as _zone

LANGUAGES = ("de", "en", "es", "fr", "it")


class ConfigError(Exception):
    """One or more settings are wrong; `problems` has a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("Deskside cannot start:\n" + "\n".join(f"  - {p}" for p in problems))


def _setting(read: Callable[[str], Any], default: str, doc: str, *, secret: bool = False) -> Any:
    return field(metadata={"read": read, "default": default, "doc": doc, "secret": secret}, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Config:
    """All settings. Each field's environment variable is its name in capitals; empty means the default."""

    deskside_data: Path = _setting(_path, "./var", "Folder for everything kept on this machine.")
    database_url: str = _setting(
        lambda raw: _postgres(raw) if raw else "",
        "",
        "PostgreSQL 15 or later. Of several servers the one that may be written to is taken: "
        "`postgresql://…@db1,db2/deskside?target_session_attrs=read-write`. Empty: `deskside demo` starts an embedded "
        "one in the data folder.",
        secret=True,
    )
    files_url: str = _setting(
        _text,
        "",
        "Where attachments and originals are kept: empty for the data folder, or s3://bucket/path, "
        "az://container/path (credentials by the object store's own variables).",
    )
    port: int = _setting(_whole(1, 65535), "8000", "Port of the web server.")
    bind: str = _setting(_text, "localhost", "Host name or address the web server listens on.")
    public_url: str = _setting(
        lambda raw: _url(raw) if raw else "",
        "",
        "Address under which browsers reach Deskside; empty means http://localhost:PORT.",
    )
    sandbox_port: int = _setting(_whole(1, 65535), "8100", "Port of the sandbox tenant of `deskside demo`.")
    sandbox_url: str = _setting(
        lambda raw: _url(raw) if raw else "",
        "",
        "Set by `deskside demo`: Microsoft's hosts are reached at this address instead. Loopback only.",
    )
    secret_key: str = _setting(
        lambda raw: _secret(raw) if raw else "",
        "",
        "Signs sessions, message ids and webhook states; at least 32 characters. Required.",
        secret=True,
    )
    tenant_id: str = _setting(
        lambda raw: _guid(raw) if raw else "", "", "Directory (tenant) id of the own Microsoft 365. Required."
    )
    client_id: str = _setting(
        lambda raw: _guid(raw) if raw else "", "", "Application (client) id of the app registration. Required."
    )
    client_secret: str = _setting(
        _text, "", "Client secret of the app registration. Required where there is no CLIENT_CERTIFICATE.", secret=True
    )
    client_certificate: Path | None = _setting(
        lambda raw: _key_file(raw) if raw else None,
        "",
        "PEM file with the private key and the certificate of the app registration, readable by its owner alone; used "
        "instead of CLIENT_SECRET. A file put in its place is taken up without a restart.",
    )
    client_certificate_passphrase: str = _setting(
        _text, "", "Passphrase of the key in CLIENT_CERTIFICATE, if it has one.", secret=True
    )
    allowed_tenants: tuple[str, ...] = _setting(
        _guids, "", "Further tenant ids whose people may sign in, separated by commas. The own one always may."
    )
    desk_mailboxes: tuple[str, ...] = _setting(
        _addresses, "", "Shared mailboxes whose mail becomes tickets; the first one also sends."
    )
    teams_channel: str = _setting(
        _text,
        "",
        "Id of the Teams channel in which waiting chats ring (19:…@thread.tacv2). Empty: the channel of the team to "
        "which the bot was added.",
    )
    language: str = _setting(
        _one_of(*LANGUAGES), "en", "Language of mails to people whose language is unknown, and of new people."
    )
    timezone: str = _setting(_zone, "Europe/Berlin", "IANA time zone for people who have not chosen one.")
    office_js_url: str = _setting(
        _url,
        "https://appsforoffice.microsoft.com/lib/1/hosted/office.js",
        "Script that gives the pane Office.js; the sandbox has a stand-in.",
    )
    teams_js_url: str = _setting(
        lambda raw: _url(raw) if raw else "",
        "",
        "Script that gives the Teams tab TeamsJS; empty: Deskside's own copy. The sandbox has a stand-in.",
    )
    session_hours: int = _setting(_whole(1, 24 * 90), "12", "Hours after which a sign-in ends.")
    max_upload_mb: int = _setting(_whole(1, 150), "25", "Largest request body in megabytes.")
    proxies: int = _setting(
        lambda raw: _whole(0, 9)(raw) if raw else -1,
        "",
        "How many proxies of your own stand before the web server, each of which adds to X-Forwarded-For: by it the "
        "limits below tell clients apart. Empty: 1 where PUBLIC_URL begins with https://, else 0.",
    )
    limit_strangers: int = _setting(
        _whole(1, 1_000_000), "1200", "Requests a minute from one address by whoever is not known, sign-ins included."
    )
    limit_webhooks: int = _setting(
        _whole(1, 1_000_000), "12000", "Notifications and Teams activities a minute from one address."
    )
    limit_api: int = _setting(_whole(1, 10_000_000), "30000", "Requests a minute with one API token.")
    limit_changes: int = _setting(_whole(1, 1_000_000), "6000", "Changes a minute by one person, on all pages.")
    limit_streams: int = _setting(_whole(1, 1_000_000), "600", "Live streams one person may open in a minute.")
    limit_uploads: int = _setting(_whole(1, 1_000_000), "120", "Changes of over 1 MB a minute by one person.")
    limit_imports: int = _setting(_whole(1, 1_000_000), "30", "Tables one person may upload for import in a minute.")
    web_workers: int = _setting(_whole(1, 64), "2", "Processes of the web server.")
    web_threads: int = _setting(_whole(4, 2000), "64", "Threads of each web process; live streams take none.")
    work_concurrency: int = _setting(_whole(1, 64), "4", "Jobs one worker process does at the same time.")
    acknowledgements: str = _setting(
        _one_of("on", "off"), "on", "Whether a customer's first mail is answered by an acknowledgement."
    )
    brake_minutes: int = _setting(_whole(1, 10_080), "180", "Minutes over which the brakes count automatic mails.")
    brake_answers: int = _setting(
        _whole(1, 10_000),
        "5",
        "Mails of one address in that time that are acknowledged (and four times as many in a day). Where more come, a "
        "machine is likely to answer us: they become tickets all the same, which say that no confirmation went out.",
    )
    brake_address: int = _setting(_whole(1, 10**5), "40", "Automatic mails of every kind to one address in that time.")
    brake_mailbox: int = _setting(_whole(1, 10**6), "300", "Automatic mails of every kind from one mailbox in it.")
    inbound_reopens: str = _setting(
        _one_of("on", "off"),
        "off",
        "Whether a customer's answer reopens a ticket, until one chooses in the settings.",
    )
    log_level: str = _setting(_one_of("debug", "info", "warning", "error"), "info", "Least level that is logged.")
    log_format: str = _setting(_one_of("text", "json"), "text", "Shape of log lines; json for production.")

    @property
    def url(self) -> str:
        """Deskside's own address without a slash at the end."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def tenants(self) -> frozenset[str]:
        """Ids of the tenants whose people may sign in."""
        return frozenset({self.tenant_id, *self.allowed_tenants} - {""})

    @property
    def authority(self) -> str:
        """Microsoft's sign-in authority of the own tenant; https also beside the sandbox (MSAL demands it)."""
        return f"https://login.microsoftonline.com/{self.tenant_id}"

    @property
    def graph_url(self) -> str:
        """Root of Graph v1.0."""
        return f"{self.sandbox_url or 'https://graph.microsoft.com'}/v1.0"


def _across(values: Mapping[str, Any]) -> list[str]:
    """Sentences about settings that do not fit each other."""
    problems = []
    for name in ("secret_key", "tenant_id", "client_id", "database_url"):
        if values.get(name) == "":
            problems.append(f"{name.upper()} is missing.")
    if values.get("client_secret") == "" and values.get("client_certificate", "wrong") is None:
        problems.append("CLIENT_CERTIFICATE or CLIENT_SECRET is missing.")
    sandbox = values.get("sandbox_url") or ""
    if sandbox and urlsplit(sandbox).hostname not in ("127.0.0.1", "localhost", "::1"):
        problems.append("SANDBOX_URL must be a loopback address: the sandbox tenant trusts everybody.")
    public = values.get("public_url") or ""
    if sandbox and public and urlsplit(public).hostname not in ("127.0.0.1", "localhost", "::1"):
        problems.append("SANDBOX_URL lets everybody on this machine sign in as anybody: not with such a PUBLIC_URL.")
    if public.startswith("http://") and urlsplit(public).hostname not in ("127.0.0.1", "localhost", "::1"):
        problems.append("PUBLIC_URL must begin with https:// except on this machine (cookies and Outlook demand it).")
    return problems


def load(environ: Mapping[str, str]) -> Config:
    """The configuration in `environ`.

    Raises ConfigError with a sentence for every wrong setting, not only the first.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for item in fields(Config):
        raw = environ.get(item.name.upper(), "").strip() or item.metadata["default"]
        try:
            values[item.name] = item.metadata["read"](raw)
        except ValueError as error:
            shown = "" if item.metadata["secret"] else f" (it is {raw!r})"
            problems.append(f"{item.name.upper()} {error}{shown}.")
    problems += _across(values)
    if values.get("proxies") == -1:
        values["proxies"] = int(str(values.get("public_url")).startswith("https://"))
    if problems:
        raise ConfigError(problems)
    return Config(**values)


def documentation() -> str:
    """docs/settings.md: every setting with its default and meaning."""
    rows = []
    for item in fields(Config):
        default = f"`{item.metadata['default']}`" if item.metadata["default"] else ""
        rows.append(f"| `{item.name.upper()}` | {default} | {item.metadata['doc']} |")
    return "\n".join(
        [
            "# Settings",
            "",
            "Read from the environment, all checked at the start: a wrong one stops it with the whole list.",
            "`deskside demo` sets those of the sandbox tenant by itself.",
            "",
            "| variable | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


_current: Config | None = None


def use(config: Config) -> None:
    """Makes `config` the one this process works with."""
    global _current
    _current = config


def current() -> Config:
    """The configuration of this process; read from the environment at the first call.

    Raises ConfigError as `load` does.
    """
    global _current
    if _current is None:
        _current = load(os.environ)
    return _current


def environment() -> dict[str, str]:
    """A copy of the process's environment, for the supervisor that hands it to its children."""
    return dict(os.environ)


if __name__ == "__main__":
    print(documentation(), end="")
