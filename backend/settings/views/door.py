"""The blueprint that the settings pages hang on."""

from flask import Blueprint

blueprint = Blueprint("settings", __name__, template_folder="../templates")
