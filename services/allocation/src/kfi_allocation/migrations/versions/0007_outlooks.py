"""Outlooks: what each town was told last, and from what it was computed."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
compatible_from = "0001"

_STATEMENTS = (
    """
    CREATE TABLE outlook (
        ags text PRIMARY KEY,
        version bigint NOT NULL,
        changed_at timestamptz NOT NULL,
        spans jsonb NOT NULL
    )
    """,
    "COMMENT ON COLUMN outlook.version IS 'rises when the town is told otherwise'",
    "COMMENT ON COLUMN outlook.spans IS 'ranges and what is certain, by weeks'",
    """
    CREATE TABLE outlook_basis (
        single boolean PRIMARY KEY,
        as_of date NOT NULL,
        computed_at timestamptz NOT NULL,
        policy_version text NOT NULL,
        method text NOT NULL,
        digest text NOT NULL,
        CONSTRAINT outlook_basis_is_one CHECK (single)
    )
    """,
    "COMMENT ON COLUMN outlook_basis.single IS 'there is one row'",
    "COMMENT ON COLUMN outlook_basis.digest IS 'of all that went in'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
