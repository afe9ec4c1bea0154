"""What the end of a lab says: results, comparison, certificate."""
