"""The web application as gunicorn finds it."""

from backend import config, log
from backend.app import create_app

settings = config.current()
log.configure(settings)
app = create_app(settings)
