"""What the pages of policies know."""
