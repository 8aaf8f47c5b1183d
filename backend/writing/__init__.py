"""Writing on a ticket beyond saying something: changing it, taking it back, passing it on, and mails of their own."""
