"""What is Microsoft's: signing in, what the app may do and where, and what Microsoft tells us."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import jwt
import requests
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from backend import clock, db, errors
from backend.config import Config
from backend.doctor.finding import Finding, note, right, wrong
from backend.doctor.rights import calendars, mailboxes, names
from backend.microsoft import certificate, identity
from backend.people.models import Person
from backend.roles import Role

_SOON = timedelta(days=30)
_SKEW = 120.0  # seconds by which our clock may differ
_REASONS = {
    (90002, 900023, 90013): "There is no tenant {tenant}. Check TENANT_ID: it is the *Directory (tenant) ID* on the "
    "registration's overview.",
    (700016, 700021): "The tenant {tenant} does not know the app {client}. Check CLIENT_ID, and that TENANT_ID is the "
    "tenant in which it was registered.",
    (7000229,): "The app {client} has no enterprise application in the tenant yet: an administrator has to consent to "
    "it once (*API permissions → Grant admin consent*).",
    (7000215,): "CLIENT_SECRET is not a secret of this app. Its value is needed, which is shown only once, not its "
    "id; make a new one, or better use CLIENT_CERTIFICATE.",
    (7000222,): "CLIENT_SECRET has ended. Make a new one under *Certificates & secrets*, or better use "
    "CLIENT_CERTIFICATE.",
    (700027, 700023, 50027): "The certificate in CLIENT_CERTIFICATE is not one of this app's. Upload it (without its "
    "key) under *Certificates & secrets → Certificates*; it counts after some minutes.",
    (1000502,): "The certificate in CLIENT_CERTIFICATE is not valid today. Make a new one, upload it under "
    "*Certificates & secrets* and put it in the file's place.",
    (700024,): "Microsoft finds our proof ended or of the future: this machine's clock is wrong. Set it by NTP.",
}


def clocks(installation: Config) -> Iterator[Finding]:
    """Whether this machine and Microsoft agree on the time, and so whether Microsoft can be reached at all."""
    try:
        answer = _discovery(installation)
        theirs = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (requests.RequestException, KeyError, ValueError) as error:
        yield wrong(
            f"Microsoft's sign-in cannot be reached from here ({type(error).__name__}). Let this machine call "
            "login.microsoftonline.com and graph.microsoft.com by https; HTTPS_PROXY names a proxy."
        )
        return
    ahead = clock.machine() - theirs
    if abs(ahead) > _SKEW:
        yield wrong(
            f"This machine's clock is {abs(ahead) / 60:.0f} minutes {'ahead of' if ahead > 0 else 'behind'} "
            "Microsoft's, so tokens count as ended or of the future. Set it by NTP."
        )
    else:
        yield right("This machine's clock agrees with Microsoft's.")


def _discovery(installation: Config) -> requests.Response:
    return identity.transport(installation).get(f"{installation.authority}/v2.0/.well-known/openid-configuration")


def proof(installation: Config) -> Iterator[Finding]:
    """How the app proves who it is, and for how long."""
    if installation.client_certificate is None:
        yield note(
            "The app signs in with CLIENT_SECRET. When it ends cannot be read without a right that Deskside does not "
            "ask for: look under *Certificates & secrets*. The end of a certificate is said here."
        )
        return
    try:
        found = certificate.read(installation.client_certificate, installation.client_certificate_passphrase)
    except certificate.Unusable as error:
        yield wrong(str(error))
        return
    until, left = f"{found.ends:%Y-%m-%d}", found.ends - clock.now()
    if left <= timedelta(0):
        yield wrong(
            f"The certificate in CLIENT_CERTIFICATE ended on {until}. Make a new one, upload it under *Certificates & "
            "secrets* and put it in the file's place."
        )
    elif left <= _SOON:
        yield note(
            f"The certificate in CLIENT_CERTIFICATE ends on {until}, in {left.days} days. Upload the next one now and "
            "put it in the file's place; both count meanwhile, and nothing has to be restarted."
        )
    else:
        yield right(f"The certificate {found.thumbprint[:16]}… proves who the app is until {until}.")
    if installation.client_secret:
        yield note("CLIENT_SECRET is set beside CLIENT_CERTIFICATE and not used: take it away, in Microsoft 365 too.")


def tenant(installation: Config) -> Iterator[Finding]:
    """Whether the app gets in, and what it may do there."""
    yield from proof(installation)
    identity.forget_app_token()
    try:
        token = identity.app_token()
    except errors.OutsideDown as error:
        yield wrong(f"The app cannot sign in. {_reason(_numbers(error, installation), installation)}")
        return
    yield right(f"The app signs in to the tenant {installation.tenant_id}.")
    yield from _reply_address(installation)
    consented = jwt.decode(token, options={"verify_signature": False}).get("roles") or []
    yield from names(consented)
    yield from mailboxes(installation, consented)
    yield from calendars(consented)
    yield from _administrator()


def _numbers(error: errors.OutsideDown, installation: Config) -> tuple[int, ...]:
    """Those of Microsoft's refusal. MSAL keeps them to itself when it does not even find the tenant."""
    if isinstance(error, identity.AppRefused):
        return error.numbers
    try:
        answer = _discovery(installation)
        return tuple(answer.json().get("error_codes") or ()) if answer.status_code == 400 else ()
    except (requests.RequestException, ValueError):
        return ()


def _reason(numbers: tuple[int, ...], installation: Config) -> str:
    for known, sentence in _REASONS.items():
        if set(known) & set(numbers):
            return sentence.format(tenant=installation.tenant_id, client=installation.client_id)
    if numbers:
        return (
            f"Microsoft's reason is AADSTS{numbers[0]}: https://login.microsoftonline.com/error?code={numbers[0]} "
            "explains it. Check TENANT_ID, CLIENT_ID and the certificate or secret."
        )
    return "The log line above says why: check the certificate or secret, and that Microsoft can be reached from here."


def _reply_address(installation: Config) -> Iterator[Finding]:
    """Whether people come back from Microsoft to us: asked without showing anybody a page."""
    back = f"{installation.url}/sign-in/callback"
    asked = {
        "client_id": installation.client_id,
        "response_type": "code",
        "response_mode": "query",
        "scope": "openid",
        "redirect_uri": back,
        "prompt": "none",
    }
    try:
        answer = identity.transport(installation).get(f"{installation.authority}/oauth2/v2.0/authorize", params=asked)
    except requests.RequestException:
        return  # said already
    if "AADSTS50011" in answer.text:
        yield wrong(
            f"Nobody can sign in with a browser: {back} is not a redirect address of the app. Add it under "
            "*Authentication*, platform *Web*, letter by letter; if PUBLIC_URL is wrong, mend that."
        )
    elif answer.headers.get("Location", "").startswith(back):
        yield right(f"Microsoft sends people back to {back}.")


def _administrator() -> Iterator[Finding]:
    """Whether somebody has come in who can arrange things. Nothing without a database, of which it is said already."""
    try:
        with db.scope() as session:
            wanted = Person.roles.contains([Role.ADMINISTRATOR.value])
            found = session.scalar(select(func.count()).select_from(Person).where(wanted))
    except SQLAlchemyError:
        return
    if not found:
        yield note(
            "No administrator has signed in yet. Give yourself the app role `administrator` under *Enterprise "
            "applications → Deskside → Users and groups*, and sign in: whoever has no app role is not let in."
        )
