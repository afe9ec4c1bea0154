"""What the pages of passwords, access keys and MFA devices know."""
