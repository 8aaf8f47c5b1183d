"""The made-up companies: a small believable one to look at, and large ones to measure with."""
