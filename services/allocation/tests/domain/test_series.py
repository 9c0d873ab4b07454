"""A further series comes in whole or not at all, and every problem names its line."""

import pytest

from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.series import figures_of

TOWNS = frozenset({"05515000", "05913000", "05711000"})
GOOD = "ags,figure\n05515000,320946\n05913000,595471.5\n05711000,0\n"


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(DocumentNotReadable) as refused:
        figures_of(text, TOWNS)
    return refused.value.problems


def test_a_figure_for_each_municipality_is_read() -> None:
    assert {ags: str(figure) for ags, figure in figures_of(GOOD, TOWNS).items()} == {
        "05515000": "320946", "05711000": "0", "05913000": "595471.5",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "file.1: must be the head ags,figure"),
        ("a;b\n", "file.1: must be the head ags,figure"),
        (GOOD.replace("05515000", "05999999"), "file.2.ags: no municipality of the register has this key"),
        (GOOD.replace("05515000", "05999999"), "file.05515000: the register has this municipality, the file has not"),
        (GOOD.replace("05711000,0", "05515000,0"), "file.4.ags: the municipality comes twice"),
        (GOOD.replace("320946", "-1"), "file.2.figure: must be a number from 0"),
        (GOOD.replace("320946", "320.946,00"), "file.2: must have 2 columns"),
        (GOOD.replace("320946", "NaN"), "file.2.figure: must be a number from 0"),
        (GOOD.replace("320946", "0").replace("595471.5", "0"), "file.figure: the figures sum to nothing"),
    ],
)
def test_what_is_no_series_is_told_by_line_and_field(text: str, problem: str) -> None:
    assert any(found.startswith(problem) for found in problems(text))


def test_every_problem_is_told_at_once() -> None:
    assert len(problems("ags,figure\n05999999,1\n05515000,x\n")) == 4
