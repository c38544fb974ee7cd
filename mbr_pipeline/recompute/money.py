"""Exact money: currencies with their minor units and half-up rounding (contract §1).

What belongs here: everything that knows how many decimals a currency has, in this engine's own list of ISO
4217. What does not: which amount is rounded, and when (the callers).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

_EXPONENTS: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD"
        " CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP"
        " GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL"
        " MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN"
        " QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD"
        " TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR_UNITS: dict[str, int] = {code: places for places, codes in _EXPONENTS.items() for code in codes.split()}


def half_up(value: Fraction, places: int) -> Decimal:
    """Round half away from zero to a number of decimal places.

    Args:
        value: Any exact number.
        places: Decimal places of the result, 0 or more.

    Returns:
        The rounded number with exactly that many places (contract §1, ``round``).
    """
    units = (abs(value) * 10**places * 2 + 1) // 2
    # A negative zero would print as -0.00, so the sign is kept only where something is left. Made of text:
    # Decimal's own arithmetic would round to its context.
    return Decimal(f"{'-' if value < 0 and units else ''}{units}E-{places}")


def places_of(currency: str | None) -> int:
    """Decimal places of a currency; two where there is none, whose amounts are all zero."""
    return 2 if currency is None else MINOR_UNITS[currency]


def to_money(value: Fraction, currency: str | None) -> Decimal:
    """Round to the currency's minor unit."""
    return half_up(value, places_of(currency))


def rounded(value: Fraction, currency: str | None) -> Fraction:
    """Round like :func:`to_money`, for further exact arithmetic."""
    return Fraction(to_money(value, currency))


def minor_unit(currency: str) -> Fraction:
    """Give the smallest amount of a currency in its own unit, 1/100 for USD."""
    return Fraction(1, 10 ** MINOR_UNITS[currency])


def exact_decimal(value: Fraction) -> Decimal:
    """Write a number that ends after at most 24 places as a Decimal, without rounding.

    Raises:
        ValueError: The number has more places than that.
    """
    for places in range(25):
        if (value * 10**places).denominator == 1:
            return half_up(value, places)
    raise ValueError(f"{value} does not end within 24 places")
