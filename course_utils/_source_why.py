"""Why a reported figure lies outside our range, where it does.

Keys are source, experiment, figure. Written by hand after looking at the results; a test demands a
text for each figure that lies outside, and none for the others.
"""

WHY_NOT: dict[tuple[str, str, str], str] = {}
