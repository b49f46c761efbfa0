"""The API that the make-believe gateway serves: an invented shop with a bit of everything a REST API can have."""

from __future__ import annotations

from dataclasses import dataclass

ACCOUNT = "123456789012"
REGION = "eu-west-1"
API = "abcde12345"
STAGE = "prod"
HOST = f"{API}.execute-api.{REGION}.amazonaws.com"
ARN = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API}"


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One method of the API.

    ``resource`` is the template that the key check names, with ``declared`` as its verb (``ANY`` for a catch-all);
    ``path`` is the actual path with ``{name}`` where ``words`` or a number goes. ``kind`` is how it is integrated:
    ``lambda_proxy | lambda | http_proxy | http | vpc | aws | mock``; ``target`` the function, or the endpoint's URL.
    ``authorizer`` is ``TOKEN``, ``REQUEST`` or empty. ``weight`` says how often it is called.
    """

    verb: str
    resource: str
    kind: str
    target: str = ""
    weight: int = 10
    declared: str = ""
    path: str = ""
    words: tuple[str, ...] = ()
    authorizer: str = ""
    key: bool = False
    validated: bool = False
    traced: bool = True
    statuses: tuple[int, ...] = (200,)

    @property
    def sends_body(self) -> bool:
        """Whether callers send a body with it."""
        return self.verb in {"POST", "PUT", "PATCH"}

    @property
    def traits(self) -> frozenset[str]:
        """What a scenario may ask for besides the kind of integration."""
        has = {
            "authorizer": bool(self.authorizer),
            "open": not self.authorizer,
            "key": self.key,
            "validated": self.validated,
            "body": self.sends_body,
            "role": self.kind == "aws",
        }
        return frozenset(name for name, holds in has.items() if holds)


_FILES = ("guides/returns.pdf", "guides/sizes.pdf", "static/app.js", "static/fonts/text.woff2", "terms")
_SKUS = ("LAMP-20-OAK", "DESK-140-WHT", "SHELF-3-PINE", "RUG-200-GREY", "CHAIR-7-BLK")
_STOCK = "https://stock.example.com/v2"
_PAYMENTS = "https://payments.internal.example.com:8443"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/orders", "lambda_proxy", "shop-orders-list", 20, authorizer="TOKEN"),
    Route("POST", "/orders", "lambda_proxy", "shop-orders-create", 9, authorizer="TOKEN", validated=True,
          statuses=(201,)),
    Route("GET", "/orders/{orderId}", "lambda_proxy", "shop-orders-read", 22, authorizer="TOKEN"),
    Route("DELETE", "/orders/{orderId}", "lambda_proxy", "shop-orders-cancel", 2, authorizer="TOKEN", statuses=(204,)),
    Route("GET", "/products", "http_proxy", "https://catalogue.example.com/v1/products", 24, statuses=(200, 200, 304)),
    Route("GET", "/products/{sku}", "http_proxy", "https://catalogue.example.com/v1/products", 24, words=_SKUS),
    Route("GET", "/{proxy+}", "lambda_proxy", "shop-pages:live", 14, declared="ANY", words=_FILES, traced=False,
          statuses=(200, 200, 200, 302)),
    Route("GET", "/partner/stock", "http", _STOCK, 8, authorizer="REQUEST", key=True),
    Route("POST", "/partner/stock", "lambda", "shop-stock-import", 4, key=True, validated=True, statuses=(202,)),
    Route("POST", "/payments", "vpc", _PAYMENTS + "/charges", 6, authorizer="TOKEN", validated=True, statuses=(201,)),
    Route("GET", "/customers/{customerId}", "lambda", "shop-customers-read", 9, authorizer="TOKEN"),
    Route("POST", "/events", "aws", f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/shop-events", 6, traced=False),
    Route("OPTIONS", "/orders", "mock", weight=4),
    Route("GET", "/health", "mock", weight=2, traced=False),
)  # fmt: skip
"""Every method of the shop's API."""
