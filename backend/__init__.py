"""Deskside: the ticket desk of an IT service provider inside Microsoft 365."""

__version__ = "0.1.0"
