"""What the pages of user groups know."""
