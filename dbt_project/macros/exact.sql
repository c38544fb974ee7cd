{#
Exact arithmetic: the only place where numbers are scaled, divided and rounded (contract §1, round(x): half-up, away from zero).

DuckDB divides DECIMALs in floating point and rounds silently when it casts to fewer places, so every quotient here is
taken on HUGEINT numerators and denominators. An overflow raises an error; nothing wraps or rounds by itself.
Scales used throughout: quantity and units_per 6 places, unit-days 12 (quantity x units_per x days), unit price 10,
vendor amounts and effective cost 12, money 4 (the most minor units ISO 4217 knows).
#}

{# 10^n as a HUGEINT literal, n known when the SQL is written. #}
{% macro power_of_ten(n) -%}
    {{ 10 ** n }}::hugeint
{%- endmacro %}

{#
x (DECIMAL with at most `places` places) as a HUGEINT count of 10^-places. Whole and fraction apart, so 15 integer digits fit. DuckDB
divides integers of 128 bits bit by bit and those of 64 at once: a quantity of eighteen digits, as nearly all are, is taken apart there.
#}
{% macro scaled(x, places) -%}
    {% if places > 6 -%}
        {{ taken_apart(x, places) }}
    {%- else -%}
        (case
            when abs({{ x }}) < {{ 10 ** (18 - places) }} then {{ taken_apart('(' ~ x ~ ')::decimal(18, ' ~ places ~ ')', places) }}
            else {{ taken_apart(x, places) }}
        end)
    {%- endif %}
{%- endmacro %}

{% macro taken_apart(x, places) -%}
    (trunc({{ x }})::hugeint * {{ power_of_ten(places) }}
        + (({{ x }} - trunc({{ x }})) * {{ 10 ** places }}::decimal({{ places + 1 }}, 0))::hugeint)
{%- endmacro %}

{# A HUGEINT count of 10^-places as a DECIMAL(precision, places): times one unit of the last place, which moves the point and no digit. #}
{% macro unscaled(n, places, precision=38) -%}
    (({{ n }})::decimal(38, 0) * {{ '0.' ~ '0' * (places - 1) ~ '1' }}::decimal({{ places }}, {{ places }}))::decimal({{ precision }}, {{ places }})
{%- endmacro %}

{# n / d to the nearest integer, halves away from zero. n and d HUGEINT, d > 0. Half of an odd d may be cut: n has no halves. #}
{% macro half_up(n, d) -%}
    ((case when ({{ n }}) < 0 then -1 else 1 end)::hugeint * ((abs({{ n }}) + ({{ d }}) // 2) // ({{ d }})))
{%- endmacro %}

{#
n / (d x 10^scale) rounded half-up to the currency's minor unit, as DECIMAL(28, 4) money.
n: HUGEINT at `scale` places; d: HUGEINT > 0 (1 where nothing is divided); minor_units: 0..4, of ISO 4217.
#}
{% macro round_money(n, d, scale, minor_units) -%}
    (case {{ minor_units }}
        {% for m in range(5) -%}
            when {{ m }} then {{ half_up(n, '(' ~ d ~ ')::hugeint * ' ~ power_of_ten(scale - m)) }} * {{ 10 ** (4 - m) }}
        {% endfor -%}
        else error('no minor unit is known for the currency')::hugeint
    end::decimal(32, 0) * 0.0001::decimal(4, 4))::decimal(28, 4)
{%- endmacro %}

{#
x * n / (d x 10^(scale + 12)) rounded as round_money does. x: HUGEINT at `scale` places; n: HUGEINT at 12 places, a quantity or unit-days.
Places that n does not use are cancelled first: price times quantity at 22 places would overflow at sums that yen and dong do reach.
#}
{% macro round_price_times(x, n, d, scale, minor_units) -%}
    {%- set common = 'gcd(abs(' ~ n ~ '), ' ~ power_of_ten(12) ~ ')' -%}
    {{ round_money(
        '(' ~ x ~ ') * ((' ~ n ~ ') // ' ~ common ~ ')',
        '(' ~ d ~ ') * (' ~ power_of_ten(12) ~ ' // ' ~ common ~ ')', scale, minor_units
    ) }}
{%- endmacro %}

{#
x DECIMAL rounded half-up to the currency's minor unit, as DECIMAL(28, 4) money. DuckDB's round() of a DECIMAL works on its integer and
rounds halves away from zero (proved against Python's Decimal in tests/dbt); only its division leaves the integers.
`places`: how many x has, where it is known. DuckDB divides integers of 128 bits bit by bit and those of 64 at once, so what fits
eighteen digits, as all but the largest sums do, is rounded there: a tenth of the time.
#}
{% macro round_amount(x, minor_units, places=none) -%}
    {% if places is none -%}
        {{ rounded_to(x, minor_units) }}
    {%- else -%}
        (case
            when abs({{ x }}) < {{ 10 ** (18 - places) }} then {{ rounded_to(x ~ '::decimal(18, ' ~ places ~ ')', minor_units) }}
            else {{ rounded_to(x, minor_units) }}
        end)
    {%- endif %}
{%- endmacro %}

{% macro rounded_to(x, minor_units) -%}
    (case {{ minor_units }}
        {% for m in range(5) -%}
            when {{ m }} then round({{ x }}, {{ m }})::decimal(28, 4)
        {% endfor -%}
        else error('no minor unit is known for the currency')::decimal(28, 4)
    end)
{%- endmacro %}

{#
x * part / whole rounded half-up to the currency's minor unit. x DECIMAL with at most `scale` places, part and whole integers, whole > 0.
A whole needs no division, which is most lines of most months.
#}
{% macro round_share(x, part, whole, scale, minor_units) -%}
    (case
        when {{ part }} = {{ whole }} then {{ round_amount(x, minor_units) }}
        else {{ round_money(scaled(x, scale) ~ ' * ' ~ part, whole, scale, minor_units) }}
    end)
{%- endmacro %}

{# One minor unit of the currency as DECIMAL(28, 12). #}
{% macro minor_unit(minor_units) -%}
    (case {{ minor_units }}
        {% for m in range(5) -%}
            when {{ m }} then {{ ('0.' ~ '0' * (m - 1) ~ '1') if m else '1' }}::decimal(28, 12)
        {% endfor -%}
    end)
{%- endmacro %}

{#
units / units_per x unit_cost x cost_days / charge_days, rounded as round_money does. units and units_per: HUGEINT at 12 places,
units_per > 0, or 1 where nothing is packed; unit_cost: DECIMAL of 10 places. What units and units_per share is cancelled first.
#}
{% macro cost_of_units(units, units_per, unit_cost, cost_days, charge_days, minor_units) -%}
    {%- set common = 'gcd(' ~ units ~ ', ' ~ units_per ~ ')' -%}
    {{ round_money(
        scaled(unit_cost, 10) ~ ' * (' ~ cost_days ~ ') * ((' ~ units ~ ') // ' ~ common ~ ')',
        '(' ~ charge_days ~ ') * ((' ~ units_per ~ ') // ' ~ common ~ ')', 10, minor_units
    ) }}
{%- endmacro %}
