"""The audit chains of a service, recomputed as `kfi audit verify` does it, without starting that program each time."""

from kfi_chassis.audit_verification import ChainBroken, verify_all
from kfi_chassis.database import create_engine
from kfi_stack.running_platform import Platform

WHOLE = "whole"


async def told_of_chains(platform: Platform, service: str) -> str:
    """`whole`, or the first wrong row."""
    engine = create_engine(platform.databases[service].runtime_url, pool_size=1)
    try:
        async with engine.connect() as connection:
            await verify_all(connection)
    except ChainBroken as broken:
        return str(broken)
    finally:
        await engine.dispose()
    return WHOLE
