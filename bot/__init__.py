"""The Teams door: what Teams sends is checked here and handed to the house."""
