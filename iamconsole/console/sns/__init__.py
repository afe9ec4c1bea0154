"""What the pages of SNS's topics are made of."""
