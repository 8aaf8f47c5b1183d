"""The blueprint of devices."""

from flask import Blueprint

blueprint = Blueprint("devices", __name__, template_folder="../templates")
