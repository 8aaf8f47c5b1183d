"""The languages: each sentence of Deskside with where it stands, what its gaps mean and its five translations."""
