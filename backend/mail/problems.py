"""What could not be read of a mail, as sentences for a person.

They are stored as they stand here (English) and translated when shown; none has a blank to fill,
so that the stored sentence is the catalogue's key.
"""


def N_(sentence: str) -> str:
    """Marks `sentence` for the translation catalogues and returns it unchanged."""
    return sentence


BAD_DATE = N_("The date of this e-mail could not be read.")
BAD_FROM = N_("The sender's address of this e-mail could not be read.")
CHARSET = N_("Some characters of this e-mail were in another encoding than it says.")
BROKEN = N_("Parts of this e-mail are damaged; what could be read is shown.")
TOO_DEEP = N_("This e-mail is nested too deeply; the innermost parts are not shown.")
TOO_MANY_PARTS = N_("This e-mail has too many parts; the last ones are not shown.")
TOO_SLOW = N_("Reading this e-mail took too long; what was read by then is shown.")
TOO_LONG = N_("The text of this e-mail is very long; only its beginning is shown.")
HEADERS_CUT = N_("Some header lines of this e-mail were far too long and have been cut.")
ENCRYPTED = N_("This e-mail is encrypted or sealed (S/MIME); its content is in the attachment only.")
PGP_ENCRYPTED = N_("This e-mail is encrypted (OpenPGP); its content is in the attachment only.")
TNEF = N_("The file winmail.dat of this e-mail could not be read; it is kept as it came.")
TNEF_RTF = N_("The text of this e-mail is in a format that only Outlook reads; it is kept as winmail.dat.")
ELSEWHERE = N_("A part of this e-mail lies on another server and was not fetched.")

# What is shown is not all: the original is kept with the mail as a file.
INCOMPLETE = frozenset({BROKEN, TOO_DEEP, TOO_MANY_PARTS, TOO_SLOW})
