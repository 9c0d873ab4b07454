"""The problems every service knows; a service defines its own next to the rules they come from.

The catalogue of a process is what is defined here and there; each type has a page under /problems/.
"""

from kfi_chassis.problem import (
    CATALOGUE,
    CONTENT_TYPE,
    MAX_FIELD_ERRORS,
    FieldError,
    Problem,
    ProblemDocument,
    ProblemType,
    define,
    documents,
)

__all__ = ["CATALOGUE", "CONTENT_TYPE", "MAX_FIELD_ERRORS", "FieldError", "Problem", "ProblemDocument", "ProblemType",
           "define", "documents"]  # fmt: skip


class BadRequest(Problem):
    """The request cannot be read as HTTP or JSON."""

    kind = define(
        "bad-request", 400, "The request cannot be read", "The request is not well formed.",
        "Send a request as the API document describes it.",
    )  # fmt: skip


class NotJson(Problem):
    """The body is no JSON text, or has a number or a key no reader agrees on."""

    kind = define(
        "not-json", 400, "The body is not JSON", "The body is not one well formed JSON text in UTF-8.",
        "Send JSON in UTF-8: no duplicate keys, no NaN or Infinity, nested at most 32 levels.",
    )  # fmt: skip


class IdempotencyKeyMissing(Problem):
    """A POST that creates came without Idempotency-Key, or with one that is not usable."""

    kind = define(
        "idempotency-key-missing", 400, "Idempotency-Key is missing or not usable",
        "A request that creates something must carry the header Idempotency-Key.",
        "Send a new random UUID as Idempotency-Key, and the same one again when you repeat this very request.",
    )  # fmt: skip


class Unauthenticated(Problem):
    """No access token, or one that is not valid here (RFC 6750, 3)."""

    kind = define(
        "unauthenticated", 401, "Please sign in", "The access token is missing or not valid here.",
        "Get an access token from the identity provider and send it as Authorization: Bearer.",
    )  # fmt: skip

    def __init__(self, reason: str = "token_missing") -> None:
        challenge = "Bearer" if reason == "token_missing" else 'Bearer error="invalid_token"'
        error = FieldError("header:Authorization", reason, self.kind.remedy)
        super().__init__(errors=[error], headers={"WWW-Authenticate": challenge})


class Forbidden(Problem):
    """The person is known but may not do this."""

    kind = define(
        "forbidden", 403, "This is not yours to do", "Your roles do not allow this action.",
        "Ask a colleague whose duty it is, or have the role assigned to you.",
    )  # fmt: skip


class NotFound(Problem):
    """There is no such thing, or none this person may know of."""

    kind = define(
        "not-found", 404, "Not found", "There is nothing at this address that you may see.",
        "Check the address and the account you are signed in with.",
    )  # fmt: skip


class MethodNotAllowed(Problem):
    """The address exists but not with this method."""

    kind = define(
        "method-not-allowed", 405, "This method is not offered here", "The address does not take this method.",
        "Use one of the methods named in the header Allow.",
    )  # fmt: skip


class Conflict(Problem):
    """The state of the thing does not allow the action, or it changed while the action ran."""

    kind = define(
        "conflict", 409, "The action does not fit the present state",
        "The thing is in a state that does not allow this action, or it changed meanwhile.",
        "Read it again; the answer lists the actions that are allowed now.",
    )  # fmt: skip


class InFlight(Problem):
    """The same Idempotency-Key is being handled at this moment."""

    kind = define(
        "in-flight", 409, "The same request is still being handled",
        "A request with this Idempotency-Key is being handled at this moment.",
        "Wait a moment and send the very same request again.",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class VersionMismatch(Problem):
    """Someone else was faster: the version in If-Match is not the present one (RFC 9110, 13.1.1)."""

    kind = define(
        "version-mismatch", 412, "Someone else was faster",
        "The thing has changed since you read it; nothing was done.",
        "Read it again, look at what changed, and repeat the action with the new ETag in If-Match.",
    )  # fmt: skip


class BodyTooLarge(Problem):
    """The body is larger than the service takes."""

    kind = define(
        "body-too-large", 413, "The body is too large", "The body is larger, or holds more values, than taken here.",
        "Send at most 1 MiB with at most 20,000 values.",
    )  # fmt: skip


class NotTheRightMediaType(Problem):
    """The body is not declared as JSON."""

    kind = define(
        "unsupported-media-type", 415, "Only JSON is taken here", "The body is not declared as application/json.",
        "Send the header Content-Type: application/json.",
    )  # fmt: skip


class InvalidInput(Problem):
    """Fields are missing, unknown or wrong; `errors` names each."""

    kind = define(
        "invalid-input", 422, "Fields are not right", "Some fields are missing, unknown or not right.",
        "Correct each field listed under errors and send the request again.",
    )  # fmt: skip


class KeyReused(Problem):
    """The Idempotency-Key was used before for another request."""

    kind = define(
        "idempotency-key-reused", 422, "Idempotency-Key was used for another request",
        "This Idempotency-Key belongs to an earlier request with other content; nothing was done.",
        "Send a new random UUID as Idempotency-Key for a new request.",
    )  # fmt: skip


class PreconditionRequired(Problem):
    """If-Match is missing (RFC 6585, 3)."""

    kind = define(
        "precondition-required", 428, "If-Match is missing",
        "An action on something that exists must say which version you saw.",
        "Send the ETag of your last read as If-Match.",
    )  # fmt: skip


class Unavailable(Problem):
    """The service cannot reach what it needs; nothing was stored."""

    kind = define(
        "unavailable", 503, "Not available at the moment",
        "The service cannot reach its database or identity provider.",
        "Try again after the seconds named in Retry-After, with the same Idempotency-Key.",
    )  # fmt: skip

    def __init__(self, retry_after_seconds: int = 5) -> None:
        super().__init__(headers={"Retry-After": str(retry_after_seconds)})


RATE_LIMITED = define(
    "rate-limited", 429, "Too many requests", "More requests came than the gateway lets through.",
    "Wait the seconds named in Retry-After and slow down.",
)  # fmt: skip
"""Answered by the gateway; its page is served here."""
