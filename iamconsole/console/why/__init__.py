"""Why something is allowed or refused, as pages say it."""
