"""AWS → canonical logs: what there is in an account, and its log events.

boto3 is loaded when the first call is made.  Every call stands in :mod:`loganalyzer.fetcher.calls`; none of them
changes anything in the account.
"""
