"""The blueprint that the pages on staff hang on."""

from flask import Blueprint

blueprint = Blueprint("staff", __name__, template_folder="../templates")
