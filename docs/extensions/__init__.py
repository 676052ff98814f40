"""What these pages need of Sphinx beyond what it has."""
