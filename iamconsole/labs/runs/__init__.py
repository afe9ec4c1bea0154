"""What happens to a run's accounts: set up, solved, reset."""
