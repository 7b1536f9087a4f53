"""Trainings that go on as if they had never been stopped, and what their checkpoints hold."""
