"""The blueprint that all views of mail hang on."""

from flask import Blueprint

blueprint = Blueprint("mail", __name__, template_folder="../templates")
