"""From a URL of a custom domain name to the API and stage that its path leads to."""

from __future__ import annotations

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.account import Account
from loganalyzer.fetcher.address import Address
from loganalyzer.fetcher.domains import Domain, Mapped
from loganalyzer.fetcher.nearest import nearest


def behind(account: Account, address: Address) -> list[tuple[str, str]]:
    """API and stage behind a path of a custom domain; several where headers decide, all where no path is given."""
    domain, mapped = _domain(account, address.domain)
    fits = [one for one in mapped if address.path[: len(one.base_path)] == one.base_path]
    chosen: list[Mapped] = []
    for one in fits:
        chosen.append(one)
        if one.certain:
            break
    if not chosen and not address.path:
        chosen = mapped
    if not chosen:
        paths = ", ".join("/".join(one.base_path) or "/" for one in mapped)
        said = f"{domain.name} maps no API to /{'/'.join(address.path)}"
        raise UsageError(said, tip=f"its base paths: {paths}" if paths else "it maps no path at all")
    found = [(one.api_id, one.api_stage or _segment_after(one, address)) for one in chosen]
    return list(dict.fromkeys(found))


def _segment_after(mapped: Mapped, address: Address) -> str:
    """The stage, where the mapping leaves it to the URL; empty if the URL does not go so far."""
    rest = address.path[len(mapped.base_path) :]
    return rest[0] if rest else ""


def _domain(account: Account, name: str) -> tuple[Domain, list[Mapped]]:
    """The custom domain of that name, or the wildcard domain that it falls under, and its mappings."""
    listed = account.domains()
    names = (name, "*." + name.partition(".")[2])
    known = [domain for one in names for domain in listed or () if domain.name == one]
    for domain in known or map(Domain, names):  # newer domains stand in a list of their own
        mapped = account.mappings(domain)
        if mapped is None:
            raise account.missing.get("apigateway:GET") or next(reversed(account.missing.values()))
        if mapped:
            return domain, mapped
    if known:
        return known[0], []
    tip = nearest(name, [domain.name for domain in listed or ()])
    raise UsageError(f"{name} is no custom domain of API Gateway in {account.region}",
                     tip=tip or "name the region of the API with --region, or the API with --api")  # fmt: skip
