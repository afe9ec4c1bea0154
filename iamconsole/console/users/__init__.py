"""What the pages of IAM users know."""
