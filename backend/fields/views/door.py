"""The blueprint of fields."""

from flask import Blueprint

blueprint = Blueprint("fields", __name__, template_folder="../templates")
