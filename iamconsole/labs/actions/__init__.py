"""Every change of a learner's progress; importing them registers them."""
