"""Set-up, the local server, wheels and charts, and what writes parts of the documentation."""
