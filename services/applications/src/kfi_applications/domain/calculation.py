"""Rules that compute an amount: each a sentence with its number, each result a figure with its trace."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kfi_law.parameters import Parameter
from kfi_law.traces import Figure, Step

Amount = Figure[Decimal] | Decimal | int
"""Euro, alone or with its trace, or a count of things."""


@dataclass(frozen=True)
class MoneyRule:
    """One rule: its number, the name of the amount it gives in euro, and its sentence.

    ``compute`` takes the number of the rule's parameter and the named inputs. A guideline as parameter has no number:
    it gives paragraph, source and version only, and the rule is handed zero.
    """

    number: str
    gives: str
    sentence: str
    compute: Callable[..., Decimal]

    @property
    def name(self) -> str:
        """The rule in a trace: its number and the amount it gives."""
        return f"{self.number} {self.gives}"

    def figure(self, parameter: Parameter, **amounts: Amount) -> Figure[Decimal]:
        """The amount computed from named amounts; the steps behind those that are figures come first."""
        inputs = {_input_name(name, amount): _text(amount) for name, amount in amounts.items()}
        step = self.step(parameter, inputs)
        earlier = [step for amount in amounts.values() if isinstance(amount, Figure) for step in amount.steps]
        return Figure(Decimal(step.result), (*_without_repetition(earlier), step))

    def step(self, parameter: Parameter, inputs: Mapping[str, str]) -> Step:
        """One application of the rule to inputs as text; a stored step is computed anew by it."""
        number = parameter.value if isinstance(parameter.value, Decimal) else Decimal(0)
        amounts = {name.rpartition(" ")[2]: Decimal(text) for name, text in inputs.items()}
        result = self.compute(number, **amounts)
        return Step(self.name, parameter.version, parameter.paragraph, inputs, f"{result:.2f}", parameter.source)


def money_rule(number: str, gives: str) -> Callable[[Callable[..., Decimal]], MoneyRule]:
    """Turn a function named like its sentence into the rule with this number."""

    def numbered(compute: Callable[..., Decimal]) -> MoneyRule:
        return MoneyRule(number, gives, compute.__name__.replace("_", " "), compute)

    return numbered


def _text(amount: Amount) -> str:
    if isinstance(amount, int):
        return str(amount)
    return f"{amount.value if isinstance(amount, Figure) else amount:.2f}"


def _input_name(name: str, amount: Amount) -> str:
    return amount.step.rule if isinstance(amount, Figure) else name


def _without_repetition(steps: list[Step]) -> tuple[Step, ...]:
    return tuple(step for number, step in enumerate(steps) if step not in steps[:number])
