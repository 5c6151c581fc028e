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
        "the decision chooses the model": "model models modelid fallbacks route",
        "it multiplies the answers and their price": "n bestof candidatecount numcompletions",
        "it changes how the host reads the answer": "stream streamoptions",
        "it is the content of the request": (
            "messages message prompt input system instructions contents tools toolchoice functions functioncall"
        ),
        "it changes the price of the call": "servicetier",
        "it changes the call in ways that a vocabulary cannot see": "extrabody extraquery extraparams body",
        "it redirects the call": "baseurl apibase host hostname port apiversion deployment",
        "it is about credentials": "apikey accesskey secretkey privatekey apitoken accesstoken authtoken organization",
    }.items()
    for squashed in names.split()
}
"""Names without `_` and in lower case, and why each is forbidden."""

WORDS: Final[dict[str, str]] = {
    word: why
    for why, words in {
        "it redirects the call": "url urls uri uris endpoint endpoints proxy proxies webhook callback",
        "it is about the call's headers": "header headers cookie cookies",
        "it is about credentials": (
            "auth authorization authentication bearer credential credentials secret secrets password passwd apikey"
        ),
    }.items()
    for word in words.split()
}
"""Words that no name may hold, and why."""

LAST_WORD: Final = "token"
"""A word that no name may end in: it is about credentials there, and about text elsewhere."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def forbidden(name: str) -> str | None:
    """Why a vocabulary may not declare this request parameter; None where it may."""
    if NAME.fullmatch(name) is None:
        return "a name is an ASCII letter and then ASCII letters, digits and `_`"
    whole = NAMES.get(name.replace("_", "").lower())
    if whole is not None:
        return whole
    words = [word.lower() for word in _WORD.findall(name)]
    if words[-1] == LAST_WORD:
        return "it is about credentials"
    return next((WORDS[word] for word in words if word in WORDS), None)
