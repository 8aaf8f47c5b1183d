"""The desk: what technicians see in the browser."""
