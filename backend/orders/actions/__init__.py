"""What can be done with orders: they come from elsewhere and are taken as they are, once."""

from backend.orders.actions.importing import (
    Change,
    NotAll,
    Outcome,
    choose,
    import_upload,
    opened,
    own_import,
    preview,
    take_in,
    upload,
)
from backend.orders.actions.writing import put_document, put_order

__all__ = [
    "Change",
    "NotAll",
    "Outcome",
    "choose",
    "import_upload",
    "opened",
    "own_import",
    "preview",
    "put_document",
    "put_order",
    "take_in",
    "upload",
]
