"""Training labs: packs that set an account up, guide a learner through it and check what they did."""
