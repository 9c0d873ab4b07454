"""By which words a case is found, and what makes two applications look like the same one.

Only keyed digests of these terms are stored (`kfi_chassis.privacy.blind_index`).
"""

from typing import Final

from kfi_applications.domain.application import Application
from kfi_chassis.privacy.blind_index import BlindIndex

WORD: Final = "word"
EMAIL: Final = "e-mail"
SAME_PROJECT: Final = "same project"


def search_terms(application: Application, index: BlindIndex) -> set[bytes]:
    """What a case is found by: the words of the applicant's and the contact's names, the e-mail address."""
    where = application.addressee
    names = index.tokens(WORD, application.applicant.name, where.attention)
    return names | {index.token(EMAIL, where.email), same_project(application, index)}


def same_project(application: Application, index: BlindIndex) -> bytes:
    """The term that two applications share when one looks like the other: the call, applicant's name and project."""
    return index.token(SAME_PROJECT, application.call, application.applicant.name, application.project.title)


def asked_terms(asked: str, index: BlindIndex) -> set[bytes]:
    """What a person looks for: an e-mail address as a whole, or all the words of a name."""
    return {index.token(EMAIL, asked)} if "@" in asked else index.tokens(WORD, asked)
