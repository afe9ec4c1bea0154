"""What the pages of EC2's instances are made of."""
