"""Programs that are larger than a demo: a page, and a server of their own."""
