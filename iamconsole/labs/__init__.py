"""Training labs: packs set an account up, guide a learner through it and check what was done."""
