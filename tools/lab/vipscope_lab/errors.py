"""Errors that end a command with one sentence and a known exit code."""

FAILED = 1        # a scenario or a check did not hold
USAGE = 2         # the command line names something that does not exist
CANNOT_RUN = 3    # not root, or a program is missing


class LabError(Exception):
    """The sentence is shown to the user as it stands; `code` becomes the exit code."""

    def __init__(self, sentence, code=FAILED):
        super().__init__(sentence)
        self.code = code
