"""Sending a webhook: to addresses of the public internet only, however the name resolves at that moment."""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from openledger_server.base.errors import UpstreamError
from openledger_server.webhooks.outgoing.types import EndpointUrlError

_TIMEOUT = httpx.Timeout(15.0, connect=5.0)
_TOTAL_S = 20.0
_URL_LENGTH_MAX = 2000
_PORTS = {"http": 80, "https": 443}


class DeliveryError(UpstreamError):
    """The endpoint could not be reached, or its address is not one that we send to."""

    code = "WEBHOOK_NOT_DELIVERED"


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Posts messages. `allows_loopback`: to this machine too, without TLS; for servers with the sandbox bank only."""

    allows_loopback: bool = False

    def check_url(self, url: str) -> None:
        """Look at an address before it is stored; where its name leads to is looked at each time it is used.

        Raises:
            EndpointUrlError: if webhooks cannot be sent there.
        """
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as exc:
            raise EndpointUrlError("The address cannot be read.") from exc
        if not host or parts.username or parts.password or parts.fragment or len(url) > _URL_LENGTH_MAX:
            raise EndpointUrlError("The address needs a host, and may hold neither a user name nor a fragment.")
        if parts.scheme != "https" and not (parts.scheme == "http" and self.allows_loopback and _is_local(host)):
            raise EndpointUrlError("Webhooks are sent to https addresses only.")
        if _literal(host) is not None and not self._may_reach(host):
            raise EndpointUrlError("Webhooks are sent to public addresses only.")

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> int:
        """Send one message and return the status of the answer; its body is not read, redirects are not followed.

        Raises:
            DeliveryError: if there is no answer, or the address is not allowed.
        """
        self.check_url(url)
        try:
            async with asyncio.timeout(_TOTAL_S):
                return await self._post(url, body, headers)
        except TimeoutError as exc:
            raise DeliveryError("no answer in time") from exc
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
            raise DeliveryError(f"cannot be reached ({type(exc).__name__})") from exc

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        parts = urlsplit(url)
        host = parts.hostname or ""
        address = await self._address(host, parts.port or _PORTS[parts.scheme])
        # The connection goes to the very address that was looked at; the name could lead elsewhere a moment later.
        target = httpx.URL(url).copy_with(host=address)
        sent = {**headers, "Host": httpx.URL(url).netloc.decode("ascii"), "Content-Type": "application/json"}
        async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client:
            request = client.build_request(
                "POST", target, content=body, headers=sent, extensions={"sni_hostname": host}
            )
            answer = await client.send(request, stream=True)
            await answer.aclose()
        return answer.status_code

    async def _address(self, host: str, port: int) -> str:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(info[4][0]) for info in found]
        # One bad address is enough to refuse: a name of ours has no business pointing into private networks.
        if not addresses or not all(self._may_reach(address) for address in addresses):
            raise DeliveryError("the address is not public")
        return addresses[0]

    def _may_reach(self, address: str) -> bool:
        parsed = _literal(address)
        if parsed is None:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        parsed = mapped or parsed
        if parsed.is_loopback:
            return self.allows_loopback
        return parsed.is_global and not parsed.is_multicast


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _is_local(host: str) -> bool:
    parsed = _literal(host)
    return host == "localhost" or (parsed is not None and parsed.is_loopback)
