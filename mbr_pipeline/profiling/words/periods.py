"""What vendors call the days and months that lines are for, in English and six other languages.

What belongs here: headings of starts, ends, months and days, folded; ``>`` stands before names that give way.
What does not: other columns (``synonyms``), what ends a period (``by_rows.period_ends``).
"""

from __future__ import annotations

STARTS = (
    "leistung ab|periode de|periodo de|data inicio|competenza dal|fecha desde|leistungszeitraum ab|"
    "usage start time|start time|ingangsdatum|van|periode van|data inizio|"
    "inizio periodo|periodo dal|"
    "data inizio periodo|data de inicio|periode vanaf|"
    "charge period start|charge start date|service period start|line item usage start date|"
    "usage start date|usage start|leistungsbeginn|leistung von|leistungszeitraum von|"
    "debut de periode|periode du|inicio del periodo|inicio de periodo>"
    "period start|period start date|period from|start period|billing period start|"
    "billing period start date|"
    "service start|service start date|start date|start|from|from date|von|beginn|startdatum|zeitraum von|"
    "gultig ab|debut|date de debut|date debut|du|inicio|fecha de inicio|fecha inicio|desde|"
    "begindatum|decorrenza|data decorrenza|vanaf|ab|dal|del|de|inizio|a partir de|a partir du|"
    "valido dal|valido desde|zeitraum ab"
)
"""Headings of the first day."""

ENDS = (
    "competenza al|periodo ate|fecha hasta|"
    "usage end time|end time|einddatum|periode tot|periode tot en met|data fine|fine periodo|periodo al|"
    "data fine periodo|data de fim|tot en met|t m|"
    "charge period end|charge end date|service period end|line item usage end date|"
    "usage end date|usage end|"
    "leistungsende|leistung bis|leistungszeitraum bis|fin de periode|periode au|fin del periodo|"
    "fin de periodo>"
    "period end|period end date|period to|end period|billing period end|"
    "billing period end date|service end|"
    "service end date|end date|end|to|to date|until|bis|ende|enddatum|zeitraum bis|gultig bis|fin|"
    "date de fin|date fin|au|fecha de fin|fecha fin|hasta|"
    "thru|through|tot|tm|al|ate|fim|fine|jusqu au|valido fino al|valido hasta"
)
"""Headings of the last day, or of the day behind it."""

MONTHS = (
    "month|billing month|service month|usage month|monat|leistungsmonat|abrechnungsmonat|billing period|"
    "period|zeitraum|leistungszeitraum|mois|periode|mes|periodo|invoice month|maand|mese|"
    "periodo di riferimento|"
    "mese di competenza|competenza|factuurperiode"
)
"""Headings of one column that holds the whole period."""

DAYS = (
    "usage date|date|service date|charge date|usage day|datum|leistungsdatum|verbrauchsdatum|"
    "date d usage|fecha|data|data de uso"
)
"""Headings of one column that holds the only day a line is for."""
