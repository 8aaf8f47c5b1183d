"""The Outlook door: the pane beside an e-mail. It translates between Outlook and the house and holds no rules."""
