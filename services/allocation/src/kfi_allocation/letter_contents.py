"""What all letters of this service share: their form, to whom they go, and the digest that is signed."""

from typing import Final

from pydantic import ValidationError

from kfi_allocation.domain.errors import AddressMissing, LetterTooLong
from kfi_allocation.domain.household import Household, Member
from kfi_allocation.office import OfficeTexts
from kfi_chassis.sealing import MAX_CONTENT_BYTES
from kfi_contracts.addressees import AnyAddressee, FamilyAddressee
from kfi_contracts.letters import Facts, LetterContent, Summary, content_bytes, content_digest

LANGUAGE: Final = "de"
TEMPLATE_VERSION: Final = 1
SUMMARY_VERSION: Final = 1
LONGEST: Final = MAX_CONTENT_BYTES - 1_000
"""Bytes of content; there is room left for the name of whoever signs."""
SUMMARY_LANGUAGES: Final = frozenset({"en", "uk", "ar", "tr", "ru"})
"""The languages in which there are summaries; the first of them that a family speaks is taken."""


def digest_of(content: LetterContent) -> str:
    """What the signatory signs: SHA-256 over facts, template, its version and language."""
    return content_digest(content_bytes(content))


def to_family(household: Household, office: OfficeTexts, said: Facts) -> LetterContent:
    """The content of a letter with these facts to a household, with a summary where it speaks a language that has one.

    Raises AddressMissing, LetterTooLong.
    """
    addressee = _addressee(household, office)
    spoken = next((each for each in household.languages if each in SUMMARY_LANGUAGES), None)
    summary = None if spoken is None else Summary(language=spoken, version=SUMMARY_VERSION)
    return content_of(said, addressee, household.reference, summary)


def content_of(said: Facts, addressee: AnyAddressee, reference: str, summary: Summary | None = None) -> LetterContent:
    """The content of a letter or e-mail with these facts. Raises LetterTooLong."""
    content = LetterContent(
        template=said.kind,
        template_version=TEMPLATE_VERSION,
        language=LANGUAGE,
        addressee=addressee,
        reference=reference,
        facts=said,
        summary=summary,
    )
    if len(content_bytes(content)) > LONGEST:
        raise LetterTooLong(f"The letter would hold more than {LONGEST} bytes.", fix="Shorten it.", field="weighing")
    return content


def _addressee(household: Household, office: OfficeTexts) -> FamilyAddressee:
    """The family's own address, or where the office says it stays until then. Raises AddressMissing."""
    name, own, stay = _name_of(household), household.contact, office.stay
    if not (own.street and own.house_number and own.postcode and own.city):
        if stay is None:
            raise _missing("No address of the household is known.")
        return FamilyAddressee(name=name, **stay.model_dump())
    try:
        return FamilyAddressee(
            name=name,
            street=own.street,
            house_number=own.house_number,
            postcode=own.postcode,
            city=own.city,
            ags=own.residence or None,
        )
    except ValidationError:
        raise _missing("The address of the household is none to which the post delivers in Germany.") from None


def _missing(detail: str) -> AddressMissing:
    return AddressMissing(detail, fix="Correct it by a corrected list.", field="contact")


def _name_of(household: Household) -> str:
    named = [full_name(member) for member in household.members if full_name(member)]
    if not named:
        raise AddressMissing(
            "Nobody of the household is known by name.", fix="Add the members by a corrected list.", field="members"
        )
    return named[0] if household.persons == 1 else f"{named[0]} und Familie"


def full_name(member: Member) -> str:
    """How a letter names a person; empty where the list did not."""
    return f"{member.first_name} {member.last_name}".strip()
