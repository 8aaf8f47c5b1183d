"""Text modules: prepared texts with placeholders that are filled for a ticket, and gaps that people fill."""
