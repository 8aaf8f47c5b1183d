"""Compiles all templates, at set-up: `python -m backend.compile`."""

from backend import config
from backend.app import create_app
from backend.ui.compiled import compile_all

# What a template says does not depend on them; no database is reached.
_ANY = {
    "DATABASE_URL": "postgresql:///deskside",
    "PUBLIC_URL": "http://localhost:8000",
    "SECRET_KEY": "0" * 64,
    "TENANT_ID": "00000000-0000-0000-0000-000000000000",
    "CLIENT_ID": "00000000-0000-0000-0000-000000000000",
    "CLIENT_SECRET": "none",
}


def main() -> None:
    """Compiles them beside the code, for all processes of this installation."""
    compile_all(create_app(config.load(_ANY)).jinja_env)


if __name__ == "__main__":
    main()
