"""What the pages of roles know."""
