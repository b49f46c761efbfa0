"""Masks tokens, keys, cookies and identities in log text: on for everything that leaves the process.

API Gateway masks the ``Authorization`` header, ``x-api-key``, the incoming identity and the principal, and keeps their
last six characters.  With data trace it writes the rest in clear: the security token of its own credentials, the event
of a TOKEN authorizer, headers copied into a proxy event, cookies, query strings, forms, the authorizer's context
(https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html warns of it).  What is masked here
shows at most its last four characters.  ARNs, ids of requests, error texts, status codes and paths stay.

Every expression is possessive or bounded and the walk never goes back, so the time is linear in the text.
"""

from loganalyzer.redact.records import redact_explanation, redact_request, redact_step, redact_timeline
from loganalyzer.redact.texts import redact
from loganalyzer.redact.values import MASK, mask

__all__ = ["MASK", "mask", "redact", "redact_explanation", "redact_request", "redact_step", "redact_timeline"]
