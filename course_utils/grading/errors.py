"""What an instructor can put right."""

__all__ = ["InstructorError"]


class InstructorError(Exception):
    """Something is missing or is not as it must be; the message says in a line what to do."""
