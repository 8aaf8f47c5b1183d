"""What Microsoft 365 is told about Deskside: manifests, icons and the command that fills them in."""
