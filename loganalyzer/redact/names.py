"""What the name of a value tells: a secret, an identity, an address, or nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_SECRET = re.compile(
    r"token|secret|passw|passphrase|api_?key(?!id)|accesskey|privatekey|credential|signature|cookie|session|sessid|jwt|saml"
    r"|bearer|csrf|xsrf|auth(?!or(?!i[sz]ation)|enticated?$|enticationtype|type)"
)
_SECRET_EXACTLY = frozenset({"sig", "pwd", "pass", "otp", "pin", "sid", "assertion", "usageidentifierkey"})
_NO_SECRET = re.compile(
    r"(?:type|errors?|exception|status|timeout|expir\w*|expiresin|ttl|age|count|length|size|limit|enabled|required|version"
    r"|source|ur[li]|endpoint|arn|latency|validity|used|left|remaining)$"
)
_TAILLESS = re.compile(r"cookie|passw|passphrase|email|^(?:pwd|pass|pin|otp)$")
_IDENTITY = frozenset(
    {"principal", "principalid", "username", "user", "userid", "sub", "email", "phone", "phonenumber", "caller"}
    | {"cognitoidentityid", "cognitoauthenticationprovider"}
)
_WHOLE_OBJECTS = frozenset({"claims", "context", "authorizer"})
_ADDRESS = re.compile(r"forwardedfor|forwarded$|sourceip|clientip|connectingip|realip|remoteaddr|vieweraddress")
_LONGEST = 200
"""Of a longer key only the end is looked at."""


class Name(NamedTuple):
    """What a name says of its value: a secret, an identity or an internet address; none of them is shown as it is.

    ``whole``: of an object of that name every value is masked. ``tail``: the end of a long value may be shown. A
    ``cookie`` has attributes, a ``code`` is a secret only as that of an OAuth grant.
    """

    secret: bool
    identity: bool
    address: bool
    whole: bool
    tail: bool
    cookie: bool
    code: bool

    @property
    def masked(self) -> bool:
        """Whether a value that is one word or string is masked."""
        return self.secret or self.identity


def name_of(key: str) -> Name:
    """What a key says, the last part of it if it is dotted; case, hyphens and underscores do not count."""
    return _known(key) if len(key) <= _LONGEST else _judged(key[-_LONGEST:])


@lru_cache(maxsize=4096)
def _known(key: str) -> Name:
    return _judged(key)


def _judged(key: str) -> Name:
    name = key.rpartition(".")[2].lower().replace("-", "").replace("_", "")
    secret = name in _SECRET_EXACTLY or (_SECRET.search(name) is not None and _NO_SECRET.search(name) is None)
    return Name(
        secret=secret,
        identity=name in _IDENTITY,
        address=_ADDRESS.search(name) is not None,
        whole=secret or name in _WHOLE_OBJECTS,
        tail=_TAILLESS.search(name) is None,
        cookie="cookie" in name,
        code=name == "code",
    )
