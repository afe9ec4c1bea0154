"""Every change of a learner's progress, and of what is offered, as commands.

The pages import those of learners, `manage.py lab` the operator's, which bring the proof along.
"""
