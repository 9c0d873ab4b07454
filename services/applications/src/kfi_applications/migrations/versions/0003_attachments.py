"""Attachments of a case, their content in parts; the release before neither reads nor writes them."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
compatible_from = "0002"

_STATEMENTS = (
    """
    CREATE TABLE attachment (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES application (id),
        number integer NOT NULL,
        version bigint NOT NULL,
        name bytea NOT NULL,
        kind text NOT NULL,
        size bigint NOT NULL,
        sha256 text NOT NULL,
        scan text NOT NULL CONSTRAINT attachment_scan CHECK (scan IN ('clean', 'unscanned')),
        source text NOT NULL CONSTRAINT attachment_source CHECK (source IN ('applicant', 'authority')),
        added_on date NOT NULL,
        removed_on date,
        removal_reason text,
        CONSTRAINT attachment_number UNIQUE (application_id, number),
        CONSTRAINT attachment_of_something CHECK (number > 0 AND size > 0),
        CONSTRAINT attachment_removed CHECK ((removed_on IS NULL) = (removal_reason IS NULL))
    )
    """,
    "COMMENT ON COLUMN attachment.number IS 'counts the attachments of the case from 1'",
    "COMMENT ON COLUMN attachment.version IS 'the ETag'",
    "COMMENT ON COLUMN attachment.name IS 'how the sender called it'",
    "COMMENT ON COLUMN attachment.kind IS 'media type, proved by the content'",
    "COMMENT ON COLUMN attachment.size IS 'bytes'",
    """
    CREATE TABLE attachment_part (
        attachment_id uuid NOT NULL REFERENCES attachment (id),
        number integer NOT NULL,
        content bytea STORAGE EXTERNAL NOT NULL,
        PRIMARY KEY (attachment_id, number)
    )
    """,
    "COMMENT ON COLUMN attachment_part.number IS 'counts the parts of the file from 1'",
    "COMMENT ON COLUMN attachment_part.content IS 'a part of the file as it came'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
