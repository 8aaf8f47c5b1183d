"""A Microsoft 365 tenant on this machine: sign-in, people and Graph mail, spoken over HTTP on loopback only."""
