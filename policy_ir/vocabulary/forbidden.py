"""The request parameters that no vocabulary may declare, so that no policy can set them.

A policy may come from anyone who may send a request. It must not choose the model behind the decision's back, pay for
more answers, redirect the call or touch credentials. Specification: chapter "Vocabulary", section "Forbidden
parameters".
"""

from __future__ import annotations

import re
from typing import Final

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""What a request parameter may be called. Anything else could be another name in disguise."""

NAMES: Final[dict[str, str]] = {
    squashed: why
    for why, names in {
        "the decision chooses the model": "model models modelid engine fallbacks route",
        "it multiplies the answers and their price": "n bestof candidatecount numcompletions",
        "it changes how the host reads the answer": "stream streamoptions",
        "it is the content of the request": (
            "messages message prompt input system instructions contents tools toolchoice functions functioncall"
        ),
        "it changes the price of the call": "servicetier",
        "it changes the call in ways that a vocabulary cannot see": "extrabody extraquery extraparams body",
        "it redirects the call": (
            "apibase host hostname port apiversion deployment deploymentid provider customllmprovider"
        ),
        "it is about credentials": "organization",
    }.items()
    for squashed in names.split()
}
"""Names without `_` and in lower case, and why each is forbidden."""

PARTS: Final[dict[str, str]] = {
    part: why
    for why, parts in {
        "it redirects the call": "url endpoint proxy webhook callback",
        "it is about the call's headers": "header cookie",
        "it is about credentials": (
            "authorization authentication oauth bearer credential secret password passwd passphrase jwt certificate "
            "apikey accesskey privatekey signingkey"
        ),
    }.items()
    for part in parts.split()
}
"""What no name may hold, `_` left out and in lower case, and why."""

ENDINGS: Final[dict[str, str]] = {
    "token": "it is about credentials",
    "auth": "it is about credentials",
    "uri": "it redirects the call",
}
"""What no name may end in, `_` left out and in lower case, and why: elsewhere it may be part of another word."""

WORDS: Final[dict[str, str]] = {
    "model": "the decision chooses the model",
    "models": "the decision chooses the model",
    "auth": "it is about credentials",
    "cert": "it is about credentials",
    "pwd": "it is about credentials",
    "uri": "it redirects the call",
}
"""What may be no word of a name, in lower case, and why."""

_WORD_START = re.compile(r"_|(?<=[a-z0-9])(?=[A-Z])")


def forbidden(name: str) -> str | None:
    """Why a vocabulary may not declare this request parameter; None where it may."""
    if NAME.fullmatch(name) is None:
        return "a name is an ASCII letter and then ASCII letters, digits and `_`"
    squashed = name.replace("_", "").lower()
    if squashed in NAMES:
        return NAMES[squashed]
    words = {word.lower() for word in _WORD_START.split(name)}
    reasons = [
        *(why for part, why in PARTS.items() if part in squashed),
        *(why for ending, why in ENDINGS.items() if squashed.endswith(ending)),
        *(why for word, why in WORDS.items() if word in words),
    ]
    return reasons[0] if reasons else None
