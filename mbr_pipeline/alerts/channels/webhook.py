"""A message as a signed JSON object, by HTTP POST (contract §11).

What belongs here: the request. What does not: the object (``mbr_pipeline.alerts.outbox``). The address is a
secret: problems name its host alone. Redirects are not followed: they could lead the message elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from mbr_pipeline.alerts.channels.problem import NotSent


def send(url: str, secret: str | None, message: Mapping[str, Any], seconds: float) -> None:
    """Post a message; any answer of 2xx means that it was taken.

    Raises:
        NotSent: The address cannot be used, nobody answered, or the answer was another.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise NotSent("its address is not one of http or https: correct the environment variable")
    body = json.dumps(dict(message), ensure_ascii=True).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "mbr"}
    if secret:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers["X-MBR-Signature"] = f"sha256={digest}"
    try:
        with requests.Session() as session:
            session.auth = _as_it_is  # otherwise ~/.netrc would add a password
            with session.post(
                url, data=body, headers=headers, timeout=seconds, allow_redirects=False, stream=True
            ) as answer:
                status = answer.status_code
    except (requests.RequestException, ValueError) as error:
        raise NotSent(f"{host}: {type(error).__name__}: see that it can be reached") from None
    if not 200 <= status < 300:
        raise NotSent(f"{host} answered {status}")


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
