"""What can go wrong, each with a sentence for the user, a tip and an exit code."""


class LogAnalyzerError(Exception):
    """Something the user can act on.

    ``message`` says what and where, ``tip`` what to do about it; ``exit_code`` is what the command ends with.
    """

    exit_code = 2

    def __init__(self, message: str, *, tip: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.tip = tip


class UsageError(LogAnalyzerError):
    """An argument or option has a value that makes no sense (exit code 2)."""


class NothingReadable(LogAnalyzerError):
    """None of the inputs holds an execution log, or the request asked for is not in them (exit code 3)."""

    exit_code = 3


class Unread(LogAnalyzerError):
    """Part of the input could not be read or judged and ``--strict`` was given (exit code 4)."""

    exit_code = 4


class AwsError(LogAnalyzerError):
    """AWS refused a call or could not be reached (exit code 5)."""

    exit_code = 5
