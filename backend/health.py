"""Whether this process lives, whether the whole is ready, and its figures for Prometheus."""

from pathlib import Path

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from backend import live
from backend.auth import open_to
from backend.db import session
from backend.limits import FREE

blueprint = Blueprint("health", __name__)
WORKER_LIVES = text("select exists(select from procrastinate_workers where last_heartbeat > now() - interval '60 s')")
_MIGRATIONS = Path(__file__).parent / "migrations/versions"


def newest_migration() -> str:
    """The revision the code expects the database to be at: they are numbered, and web processes do not load Alembic."""
    return max(path.name.partition("_")[0] for path in _MIGRATIONS.glob("[0-9]*.py"))


@blueprint.get("/healthz")
@open_to("monitoring has no account; it says nothing but that the process answers", door=FREE)
def healthz() -> ResponseReturnValue:
    """200 as long as this process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@open_to("monitoring has no account; it names parts, never data", door="monitoring")
def readyz() -> ResponseReturnValue:
    """200 when database, migrations and a worker are there, else 503 with what is missing."""
    parts = {"database": False, "migrations": False, "worker": False}
    try:
        parts["database"] = session.execute(text("select true")).scalar_one()
        revision = session.execute(text("select version_num from alembic_version")).scalar_one()
        parts["migrations"] = revision == newest_migration()
        parts["worker"] = session.execute(WORKER_LIVES).scalar_one()
    except Exception:
        session.rollback()
    ready = all(parts.values())
    return jsonify(status="ready" if ready else "not ready", **parts), 200 if ready else 503


@blueprint.get("/metrics")
@open_to("Prometheus has no account; figures only, to be kept inside by the proxy", door="monitoring")
def metrics() -> ResponseReturnValue:
    """Figures of the whole installation, read from the database when asked."""
    registry = CollectorRegistry()
    jobs = Gauge("deskside_jobs", "Background jobs by state.", ["state"], registry=registry)
    for state, count in session.execute(
        text(
            "select status::text, count(*) from procrastinate_jobs where status in ('todo','doing','failed') group by 1"
        )
    ):
        jobs.labels(state).set(count)
    waiting = Gauge(
        "deskside_outbound_mails", "Outgoing mails that are not sent, by state.", ["state"], registry=registry
    )
    for state, count in session.execute(
        text("select state, count(*) from outbound_mails where state <> 'sent' group by 1")
    ):
        waiting.labels(state).set(count)
    streams = Gauge("deskside_live_streams", "Open live streams of the answering process.", registry=registry)
    streams.set(live.HUB.open_streams)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
