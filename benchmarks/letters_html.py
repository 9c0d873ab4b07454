"""The same letter for WeasyPrint: the text of the grant's template as HTML, in the same fonts, on two pages."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from kfi_notifications.typesetting import FONTS

_FACES: Final = {400: "NotoSans_400Regular.ttf", 600: "NotoSans_600SemiBold.ttf", 700: "NotoSans_700Bold.ttf"}
STYLE: Final = (
    "".join(
        f"@font-face {{ font-family: 'Noto Sans'; font-weight: {weight}; src: url('{(FONTS / file).as_uri()}') }}\n"
        for weight, file in _FACES.items()
    )
    + """
@page { size: A4; margin: 30mm 20mm 34mm 25mm;
  @bottom-left { content: element(foot) }
  @bottom-right { content: "Seite " counter(page) " von " counter(pages); font-size: 8pt; color: #4a5568 } }
@page :first { @top-left { content: none } }
body { font-family: 'Noto Sans'; font-size: 10pt; line-height: 1.16; margin: 0 }
p { margin: 0 0 2.2mm }
ul, ol { margin: 0 0 2mm }
h1 { font-size: 14pt; margin: 0 0 3mm }
h2 { font-size: 10.5pt; font-weight: 600; color: #1d4f3f; margin: 3.4mm 0 1.6mm; break-after: avoid }
.head { position: absolute; top: -17mm; left: 0; width: 165mm; border-bottom: 1.2pt solid #1d4f3f; padding-bottom: 3mm }
.head b { font-size: 18pt; color: #1d4f3f; display: block }
.window { position: absolute; top: 15mm; left: 0; width: 80mm; height: 45mm }
.window small { font-size: 7pt; color: #4a5568; border-bottom: 0.3pt solid #4a5568; display: block; margin: 14mm 0 2mm }
.about { position: absolute; top: 20mm; left: 100mm; width: 65mm; font-size: 9pt }
.about span { display: block; font-size: 7.5pt; color: #4a5568 }
.text { padding-top: 68.46mm }
.subject { font-weight: 600; margin-bottom: 8mm }
.amount { font-size: 14pt; font-weight: 700; text-align: center; margin: 4mm 0 5mm }
table { width: 100%; border-collapse: collapse; font-size: 9.5pt; font-variant-numeric: tabular-nums }
td, th { padding: 0.8mm 2mm; border-bottom: 0.4pt solid #8a94a3; text-align: left }
td + td, th + th { text-align: right; width: 42mm }
.foot { position: running(foot); font-size: 7.5pt; color: #4a5568; width: 165mm }
.foot div { float: left; width: 33% }
.last { break-inside: avoid; margin-top: 6mm }
"""
)


def page_of(letter: Mapping[str, Any]) -> str:
    """The document of a grant's letter, as `kfi_notifications.domain.letter.compose` puts it together."""
    return (
        f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{escape(letter["title"])}</title>'
        f'<meta name="author" content="{escape(letter["sender"]["authority"])}"></head><body>'
        f'{_frame(letter)}<div class="text">{_text(letter)}</div></body></html>'
    )


def _frame(letter: Mapping[str, Any]) -> str:
    sender = letter["sender"]
    about = "".join(
        f"<p><span>{escape(one['label'])}</span>{escape(one['value'])}</p>" for one in letter["information"]
    )
    foot = "".join(f"<div>{_lines(column)}</div>" for column in sender["footer"])
    return (
        f'<div class="foot">{foot}<p>{escape(letter["demonstration"] or "")}</p></div>'
        f'<div class="head"><b>{escape(sender["authority"])}</b>{escape(sender["unit"])} · '
        f"{escape(sender['department'])}</div>"
        f'<div class="window"><small>{escape(sender["return_address"])}</small>{_lines(letter["addressee"])}</div>'
        f'<div class="about">{about}</div>'
    )


def _text(letter: Mapping[str, Any]) -> str:
    facts = letter["facts"]
    rest = f"Beantragt hatten Sie {facts['requested_amount']}. Im Übrigen lehne ich Ihren Antrag ab."
    sections = {
        "Bewilligung": (
            f"<p>Ich bewillige Ihnen für die Zeit vom {facts['period_from']} bis zum {facts['period_to']} "
            f"(Bewilligungszeitraum) eine Zuwendung in Höhe von</p><p class='amount'>{facts['granted_amount']}</p>"
            f"<p>{rest if facts['in_part'] else ''}</p><p>Die Zuwendung ist zweckgebunden. Sie ist ausschließlich für "
            f"das Projekt „{escape(facts['project_title'])}“ bestimmt.</p>"
        ),
        "Finanzierungsart und Höhe": (
            f"<p>Die Zuwendung wird als Projektförderung im Wege der Anteilfinanzierung in Höhe von {facts['rate']} "
            f"der zuwendungsfähigen Gesamtausgaben von {facts['eligible_total']} als nicht rückzahlbarer Zuschuss "
            "gewährt und ist auf den in Nummer 1 genannten Betrag begrenzt. "
            f"Ihr Eigenanteil beträgt {facts['own_share']}. Bürgerschaftliches Engagement ist darin mit "
            f"{facts['civic_work']} anerkannt.</p>"
        ),
        "Finanzierungsplan": "<p>Der folgende Finanzierungsplan ist hinsichtlich des Gesamtergebnisses verbindlich.</p>"
        + "".join(_table(side["head"], side["rows"], side["total"]) for side in facts["finance"]),
        "Bewilligungsrahmen": "<p>Von der Zuwendung entfallen auf die Haushaltsjahre:</p>"
        + _table("Haushaltsjahr", facts["years"], {"label": "Zuwendung insgesamt", "amount": facts["granted_amount"]}),
        "Begründung": "".join(f"<p>{escape(reason)}</p>" for reason in facts["reasons"]),
        "Nebenbestimmungen": f"<ol>{_items(facts['conditions'])}</ol>",
        "Auszahlung": "<p>Die Zuwendung wird erst ausgezahlt, wenn dieser Bescheid bestandskräftig geworden ist. Sie "
        "können die Bestandskraft vorzeitig herbeiführen, indem Sie schriftlich erklären, dass Sie auf einen "
        "Rechtsbehelf verzichten.</p>",
        "Rechtsgrundlagen": f"<ul>{_items(facts['legal_basis'])}</ul>",
    }
    numbered = "".join(
        f"<h2>{number} {title}</h2>{body}" for number, (title, body) in enumerate(sections.items(), start=1)
    )
    title = "Zuwendungsbescheid (Teilbewilligung)" if facts["in_part"] else "Zuwendungsbescheid"
    return (
        f"<h1>{title}</h1><p class='subject'>Zuwendungen des Landes Nordrhein-Westfalen: "
        f"{escape(facts['programme_title'])}<br>Projekt „{escape(facts['project_title'])}“</p>"
        f"<p>Sehr geehrte Damen und Herren,</p><p>auf Ihren Antrag ergeht folgender Bescheid:</p>{numbered}"
        f"<div class='last'><h2>{len(sections) + 1} Rechtsbehelfsbelehrung</h2>{_remedy(letter)}</div>"
    )


def _remedy(letter: Mapping[str, Any]) -> str:
    court = letter["court"]
    return (
        f"<p>Gegen diesen Bescheid kann innerhalb eines Monats nach Bekanntgabe Klage bei dem {escape(court['name'])}, "
        f"{escape(court['address'])}, erhoben werden. Die Klage ist schriftlich, zu Protokoll der Urkundsbeamtin oder "
        "des Urkundsbeamten der Geschäftsstelle oder als elektronisches Dokument nach Maßgabe des § 55a der "
        "Verwaltungsgerichtsordnung zu erheben.</p><p>Mit freundlichen Grüßen</p><p>Im Auftrag</p>"
        f"<p>gez. {escape(letter['signatory'] or '')}</p><p>Dieser Bescheid wurde maschinell erstellt und ist ohne "
        "Unterschrift gültig.</p>"
    )


def _table(head: str, rows: Iterable[Mapping[str, str]], total: Mapping[str, str]) -> str:
    body = "".join(f"<tr><td>{escape(row['label'])}</td><td>{row['amount']}</td></tr>" for row in rows)
    last = f"<tr><td><b>{escape(total['label'])}</b></td><td><b>{total['amount']}</b></td></tr>"
    return (
        f"<table><thead><tr><th scope='col'>{head}</th><th scope='col'>Betrag</th></tr></thead>"
        f"<tbody>{body}{last}</tbody></table>"
    )


def _items(texts: Iterable[str]) -> str:
    return "".join(f"<li>{escape(text)}</li>" for text in texts)


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(map(escape, lines))
