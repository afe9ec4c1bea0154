"""The closed list of checks: each asks one question of a run's accounts and says what it found."""
