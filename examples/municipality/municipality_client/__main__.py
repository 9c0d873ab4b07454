"""`python -m municipality_client COMMAND`: follows a door and prints what changes, opens doors, answers.

Settings are variables: KFI_URL (the gateway), KFI_TOKEN_URL, KFI_CLIENT, KFI_SECRET, KFI_AGS; KFI_STATE (a file for
each door that is followed), KFI_JOURNAL (a file, a line for each event), KFI_KEYS (a file with what is secret),
KFI_LISTEN, KFI_KAFKA and KFI_KAFKA_SECURITY.
"""

import asyncio
import sys

from municipality_client import answers, doors, following
from municipality_client.settings import Settings

FOLLOWING = {"feed": following.follow_feed, "topic": following.follow_topic}
ASKING = {
    "add-webhook": doors.add_webhook,
    "fetch-keys": doors.fetch_keys,
    "open-topic": doors.open_topic,
    "test": answers.test,
    "arrived": answers.arrived,
}


async def ask(command: str, *words: str) -> None:
    """One request, and what it brought."""
    settings = Settings()
    async with settings.client() as client:
        sys.stdout.write(f"{await ASKING[command](settings, client, *words) or 'done'}\n")


def main(command: str = "feed", *words: str) -> None:
    """Without a command the feed is followed."""
    if command == "webhook":
        following.listen(Settings())
    elif command in FOLLOWING:
        asyncio.run(FOLLOWING[command](Settings()))
    elif command in ASKING:
        asyncio.run(ask(command, *words))
    else:
        sys.exit(f"There is no {command}: say webhook, {', '.join([*FOLLOWING, *ASKING])}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
