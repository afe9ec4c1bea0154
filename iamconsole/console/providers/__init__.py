"""What the pages of identity providers know."""
