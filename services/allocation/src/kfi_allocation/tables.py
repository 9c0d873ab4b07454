"""The tables of the service next to those of the chassis; each aggregate declares its own in this MetaData."""

from typing import Final

from sqlalchemy import MetaData

from kfi_chassis.privacy.tables import person_tables
from kfi_chassis.tables import chassis_tables

METADATA: Final = MetaData()
CHASSIS: Final = chassis_tables(METADATA)
PERSONS: Final = person_tables(METADATA)
