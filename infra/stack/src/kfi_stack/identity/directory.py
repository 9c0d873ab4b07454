"""Who the demo provider knows: fixed accounts of invented people and the clients they sign in with."""

import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

from kfi_stack.identity.redirects import RegisteredUris
from kfi_stack.identity.signing_key import ALGORITHM

PEOPLE_FILE = Path(__file__).with_name("people.yaml")


class Account(BaseModel):
    """One account of an invented person; `sub` names the account, `person` the human behind it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    login: str
    sub: str
    person: str
    name: str
    duty: str
    roles: tuple[str, ...]
    organisation: str | None = None
    ags: str | None = None

    def get_user_id(self) -> str:
        """The subject of this account's tokens; the name is Authlib's."""
        return self.sub

    def claims(self) -> dict[str, object]:
        """What an access token says of this account besides its subject; absent facts have no claim."""
        return _claims(self.person, self.roles, self.organisation, self.ags) | {"name": self.name}


class Client(BaseModel):
    """An application that asks for tokens. The method names are Authlib's `ClientMixin`.

    With a secret it asks in its own name (client credentials), without one it asks for people (code with PKCE).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str
    client_secret: str | None = None
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    ags: str | None = None
    scopes: tuple[str, ...] = ("openid", "profile", "kfi")
    id_token_signed_response_alg: str = ALGORITHM

    @property
    def client_metadata(self) -> dict[str, RegisteredUris]:
        """The registered addresses as Authlib's end of session looks them up."""
        return {"post_logout_redirect_uris": RegisteredUris(self.post_logout_redirect_uris)}

    def claims(self) -> dict[str, object]:
        """What an access token in the client's own name says of it."""
        return _claims(self.client_id, self.roles, None, self.ags)

    def get_client_id(self) -> str:
        """The client's identifier."""
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        """Where to go back to when the request does not say."""
        return RegisteredUris(self.redirect_uris).only

    def get_allowed_scope(self, scope: str | None) -> str:
        """The asked scopes this client may have; asked for none, the platform's own."""
        asked = scope.split() if scope else ["kfi"]
        return " ".join(one for one in asked if one in self.scopes)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether a code may be sent there."""
        return redirect_uri in RegisteredUris(self.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret is this client's, compared in constant time."""
        return self.client_secret is not None and secrets.compare_digest(
            self.client_secret.encode(), client_secret.encode()
        )

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """A client with a secret shows it by HTTP Basic, one without shows none."""
        return method == ("client_secret_basic" if self.client_secret else "none")

    def check_response_type(self, response_type: str) -> bool:
        """Only codes, and only for clients of people."""
        return response_type == "code" and not self.client_secret

    def check_grant_type(self, grant_type: str) -> bool:
        """Client credentials with a secret, authorization code without."""
        return grant_type == ("client_credentials" if self.client_secret else "authorization_code")


class Directory(BaseModel):
    """All accounts and clients of the demo."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: Annotated[tuple[Account, ...], Field(min_length=1)]
    clients: Annotated[tuple[Client, ...], Field(min_length=1)]

    @classmethod
    def from_file(cls, file: Path = PEOPLE_FILE) -> "Directory":
        """Read the people file. Raises pydantic.ValidationError naming the field that is wrong."""
        return cls.model_validate(yaml.safe_load(file.read_text("utf-8")))

    def account(self, login: str) -> Account | None:
        """The account with this login, if there is one."""
        return self._accounts.get(login)

    def client(self, client_id: str) -> Client | None:
        """The client with this id, if there is one."""
        return self._clients.get(client_id)

    @cached_property
    def _accounts(self) -> dict[str, Account]:
        return {account.login: account for account in self.people}

    @cached_property
    def _clients(self) -> dict[str, Client]:
        return {client.client_id: client for client in self.clients}


def _claims(person: str, roles: tuple[str, ...], organisation: str | None, ags: str | None) -> dict[str, object]:
    claims: dict[str, object] = {"person": person, "roles": list(roles), "organisation": organisation, "ags": ags}
    return {name: value for name, value in claims.items() if value is not None}
