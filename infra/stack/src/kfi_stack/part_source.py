"""Brings one jar by its Maven coordinate, through jgo as the user has configured it."""

from pathlib import Path

from kfi_stack.errors import StackError

TIMEOUT_SECONDS = 30


def fetch_part(coordinate: str, incoming: Path) -> Path:
    """Downloads the jar below `incoming` and returns where it is; its content is not checked here.

    Raises StackError when it cannot be reached or is not there, OSError when it cannot be stored.
    """
    # Imported here: half a second that only a first start has to spend.
    from jgo.config import GlobalSettings  # noqa: PLC0415
    from jgo.maven import MavenContext  # noqa: PLC0415
    from jgo.maven._core import DEFAULT_REMOTE_REPOS  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    repositories = {**GlobalSettings.load().repositories, **DEFAULT_REMOTE_REPOS}
    context = MavenContext(repo_cache=incoming, remote_repos=repositories, timeout=TIMEOUT_SECONDS)
    group, artifact, version = coordinate.split(":")
    try:
        path = context.project(group, artifact).at_version(version).artifact().resolve()
    except RequestException as problem:
        raise StackError(
            f"{coordinate} cannot be fetched ({type(problem).__name__}): connect to the network (a proxy is taken from "
            "HTTPS_PROXY, a mirror from jgo's settings file) and start again."
        ) from problem
    except RuntimeError as problem:
        raise StackError(
            f"{coordinate} is not in the configured Maven repositories: check the mirrors in jgo's settings file."
        ) from problem
    return Path(path)
