"""The instructor's kit: release chapters to students, grade what comes back, export the marks.

Used through the ``course`` command; see the instructor guide of the book.
"""
