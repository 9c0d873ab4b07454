"""A request in Authlib's form."""

from collections.abc import Mapping

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request


class Parameters(OAuth2Payload):  # type: ignore[misc]  # Authlib has no types
    """The parameters of one request: the first value of each, and all values for the check against repetition."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._all = values
        self._first = {name: given[0] for name, given in values.items()}

    @property
    def data(self) -> dict[str, str]:
        """The first value of each parameter."""
        return self._first

    @property
    def datalist(self) -> Mapping[str, list[str]]:
        """Every value of each parameter."""
        return self._all


class ProviderRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A request; `parameters` is the query at the authorization endpoint and the form at the token endpoint."""

    def __init__(self, method: str, uri: str, headers: Mapping[str, str], parameters: Mapping[str, list[str]]) -> None:
        super().__init__(method, uri, headers=headers)
        self.payload = Parameters(parameters)

    @property
    def form(self) -> dict[str, str]:
        """The parameters once more, under the name by which the token endpoint asks for them."""
        values: dict[str, str] = self.payload.data
        return values
