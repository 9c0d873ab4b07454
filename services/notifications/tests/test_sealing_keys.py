import json
import stat
from pathlib import Path

import pytest

from kfi_chassis.commands import execute
from kfi_chassis.sealing import Sealer
from kfi_chassis.settings import ConfigurationError
from kfi_notifications.configuration import read_keys
from kfi_notifications.main import SERVICE
from kfi_notifications.sealing_keys import add_key_pair


def test_a_new_pair_seals_and_opens(tmp_path: Path) -> None:
    kid = add_key_pair(tmp_path / "private.json", tmp_path / "public.json")
    public = json.loads((tmp_path / "public.json").read_bytes())
    assert public["kid"] == kid
    assert "d" not in public
    sealed = Sealer(public).seal(b"content", bound_to="order")
    assert read_keys(tmp_path / "private.json").open(sealed, bound_to="order") == b"content"


def test_the_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    for _ in range(2):
        add_key_pair(tmp_path / "private.json", tmp_path / "public.json")
        assert stat.S_IMODE((tmp_path / "private.json").stat().st_mode) == 0o600


def test_a_new_key_leaves_the_older_ones_opening(tmp_path: Path) -> None:
    add_key_pair(tmp_path / "private.json", tmp_path / "old.json")
    add_key_pair(tmp_path / "private.json", tmp_path / "new.json")
    opener = read_keys(tmp_path / "private.json")
    for name in ("old.json", "new.json"):
        sealed = Sealer(json.loads((tmp_path / name).read_bytes())).seal(b"content", bound_to="order")
        assert opener.open(sealed, bound_to="order") == b"content"


def test_the_command_makes_a_pair_and_says_its_kid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(SERVICE, ["keys", "new", str(tmp_path / "private.json"), str(tmp_path / "public.json")]) == 0
    assert capsys.readouterr().out.strip() == json.loads((tmp_path / "public.json").read_bytes())["kid"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}', b'{"keys": 3}'])
def test_a_file_that_holds_no_usable_key_is_told_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "private.json").write_bytes(content)
    with pytest.raises(ConfigurationError) as told:
        read_keys(tmp_path / "private.json")
    assert str(tmp_path / "private.json") in str(told.value)


def test_a_public_key_alone_opens_nothing_and_is_refused(tmp_path: Path) -> None:
    add_key_pair(tmp_path / "private.json", tmp_path / "public.json")
    (tmp_path / "set.json").write_text(json.dumps({"keys": [json.loads((tmp_path / "public.json").read_bytes())]}))
    with pytest.raises(ConfigurationError):
        read_keys(tmp_path / "set.json")


def test_a_folder_that_is_not_there_is_told_and_not_raised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(SERVICE, ["keys", "new", str(tmp_path / "no" / "private.json"), str(tmp_path / "public.json")]) == 2
    assert "cannot be written" in capsys.readouterr().err
