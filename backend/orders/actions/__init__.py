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
    take_in_file,
    upload,
)
from backend.orders.actions.writing import check_new, put_document, put_order, remove_documents

__all__ = [
    "Change",
    "NotAll",
    "Outcome",
    "check_new",
    "choose",
    "import_upload",
    "opened",
    "own_import",
    "preview",
    "put_document",
    "put_order",
    "remove_documents",
    "take_in",
    "take_in_file",
    "upload",
]
