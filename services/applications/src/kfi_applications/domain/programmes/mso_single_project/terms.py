"""The dated values of the programme."""

from dataclasses import dataclass
from datetime import date

from kfi_applications.domain.programmes.mso_conditions import AssociationTerms
from kfi_applications.domain.programmes.parameters import values_on
from kfi_law.parameters import Parameter, Parameters

PROGRAMME = "mso-einzelprojekt"


@dataclass(frozen=True)
class Terms(AssociationTerms):
    """The values of the programme on one day, each with paragraph, source and version; rates are fractions."""

    guideline: Parameter
    rate: Parameter
    own_share: Parameter
    civic_work: Parameter

    @classmethod
    def on(cls, day: date, parameters: Parameters | None = None) -> "Terms":
        """The values a decision may rest on that day; raises NoValueInForce or OnlyExpected of ``kfi_law``."""
        value = values_on(day, PROGRAMME, parameters)
        return cls(
            guideline=value("guideline"),
            rate=value("rate"),
            own_share=value("own-share"),
            civic_work=value("civic-work"),
            share_with_migration_history=value("share-with-migration-history"),
        )
