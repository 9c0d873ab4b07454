import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from kfi_notifications.channels.outcome import Delayed
from kfi_notifications.channels.print_spool import PrintSpool, SpooledLetter

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
CONTENT = b"%PDF-1.7 a letter"
LETTER = SpooledLetter(UUID(int=5), CONTENT, sha256(CONTENT).hexdigest(), 2)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_a_letter_lies_in_the_folder_of_its_day_with_its_manifest_entry(tmp_path: Path) -> None:
    assert await PrintSpool(tmp_path).hand_over(LETTER, MONDAY) == MONDAY
    assert files_in(tmp_path) == [
        f"2026-11-23/{LETTER.notification_id}.json",
        f"2026-11-23/{LETTER.notification_id}.pdf",
    ]
    entry = json.loads((tmp_path / f"2026-11-23/{LETTER.notification_id}.json").read_bytes())
    assert entry == {
        "notification_id": str(LETTER.notification_id),
        "file": f"{LETTER.notification_id}.pdf",
        "pages": 2,
        "sha256": sha256((tmp_path / "2026-11-23" / entry["file"]).read_bytes()).hexdigest(),
    }


async def test_a_letter_handed_over_again_is_the_same_file_in_the_folder_of_the_first_day(tmp_path: Path) -> None:
    spool = PrintSpool(tmp_path)
    await spool.hand_over(LETTER, MONDAY)
    assert await spool.hand_over(LETTER, TUESDAY) == MONDAY
    assert len(files_in(tmp_path)) == 2
    assert (tmp_path / f"2026-11-23/{LETTER.notification_id}.pdf").read_bytes() == CONTENT


async def test_a_letter_without_entry_was_never_handed_over_and_leaves_no_second_copy(tmp_path: Path) -> None:
    spool = PrintSpool(tmp_path)
    await spool.hand_over(LETTER, MONDAY)
    (tmp_path / f"2026-11-23/{LETTER.notification_id}.json").unlink()  # as after a crash between the two writes
    assert await spool.hand_over(LETTER, TUESDAY) == TUESDAY
    assert files_in(tmp_path) == [
        f"2026-11-24/{LETTER.notification_id}.json",
        f"2026-11-24/{LETTER.notification_id}.pdf",
    ]


async def test_the_entry_comes_last_and_nothing_unfinished_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        seen.append([path for path in files_in(tmp_path) if not Path(path).name.startswith(".")])
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    await PrintSpool(tmp_path).hand_over(LETTER, MONDAY)
    assert seen == [[], [f"2026-11-23/{LETTER.notification_id}.pdf"]]


async def test_a_folder_that_cannot_be_written_delays_the_letter(tmp_path: Path) -> None:
    (tmp_path / "2026-11-23").write_text("a file where the folder should be")
    with pytest.raises(Delayed) as delay:
        await PrintSpool(tmp_path).hand_over(LETTER, MONDAY)
    assert delay.value.obstacle == "print_spool_unavailable"
