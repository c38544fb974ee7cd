-- One row per key (client, product) that exists in P (contract §4), or that only a late charge names, with its currency (§1).
-- Every leg has one row per key, so that their keys are put together by joins; one after the other, so that only one is in memory.
with billed as materialized (

    select
        coalesce(invoiced.client_id, agreements.client_id) as client_id,
        coalesce(invoiced.product_code, agreements.product_code) as product_code,
        invoiced.client_id is not null or agreements.active_line_count > 0 as is_in_period,
        invoiced.first_currency as invoice_currency,
        -- least() and greatest() pass over what is empty
        least(invoiced.first_currency, agreements.first_active_currency) as first_currency,
        greatest(invoiced.last_currency, agreements.last_active_currency) as last_currency,
        agreements.last_ended_currency
    from {{ ref('int_key_invoice_lines') }} as invoiced
    full outer join {{ ref('int_key_agreements') }} as agreements
        on invoiced.client_id = agreements.client_id and invoiced.product_code = agreements.product_code

),

supplied as materialized (

    select
        coalesce(charges.client_id, counts.client_id) as client_id,
        coalesce(charges.product_code, counts.product_code) as product_code,
        charges.first_currency as vendor_currency
    from {{ ref('int_key_vendor_charges') }} as charges
    full outer join {{ ref('int_key_entitlements') }} as counts
        on charges.client_id = counts.client_id and charges.product_code = counts.product_code

),

present as materialized (

    select
        coalesce(billed.client_id, supplied.client_id) as client_id,
        coalesce(billed.product_code, supplied.product_code) as product_code,
        billed.invoice_currency,
        billed.first_currency,
        billed.last_currency,
        billed.last_ended_currency,
        supplied.vendor_currency
    from billed
    full outer join supplied on billed.client_id = supplied.client_id and billed.product_code = supplied.product_code
    where billed.is_in_period or supplied.client_id is not null

),

-- a line that is only late speaks for the currency where nothing counts in P
late as (

    select client_id, product_code, min(currency) as currency
    from {{ ref('int_vendor_lines') }}
    where
        is_mapped and is_reconciled_category and not is_duplicate
        and is_landed_in_period and not counts_in_period and not is_future
    group by client_id, product_code

),

keys as (

    select
        coalesce(present.client_id, late.client_id) as client_id,
        coalesce(present.product_code, late.product_code) as product_code,
        present.client_id is not null as exists_in_period,
        present.first_currency <> present.last_currency as has_mixed_currencies,
        coalesce(present.invoice_currency, present.first_currency, present.last_ended_currency) as own_currency,
        coalesce(present.vendor_currency, late.currency) as vendor_currency
    from present
    full outer join late on present.client_id = late.client_id and present.product_code = late.product_code

),

client_lines as (

    -- what the client is charged in: its invoice lines in P and its agreement lines active in P
    select client_id, currency as first_currency, currency as last_currency
    from {{ ref('int_invoice_lines') }}
    -- labour may be dated on a day, with a service period of none
    where overlap_days > 0 or lies_in_period
    union all
    select client_id, first_active_currency, last_active_currency
    from {{ ref('int_key_agreements') }}

),

client_currencies as (

    select client_id, min(first_currency) as currency
    from client_lines
    group by client_id
    having min(first_currency) = max(last_currency)

),

resolved as (

    select
        keys.client_id,
        keys.product_code,
        keys.exists_in_period,
        coalesce(keys.has_mixed_currencies, false) as has_mixed_currencies,
        coalesce(keys.own_currency, client_currencies.currency, rules.list_currency, keys.vendor_currency) as currency
    from keys
    left join client_currencies on keys.client_id = client_currencies.client_id
    left join {{ ref('int_product_rules') }} as rules on keys.product_code = rules.product_code

)

select
    resolved.client_id,
    resolved.product_code,
    resolved.exists_in_period,
    resolved.has_mixed_currencies,
    resolved.currency,
    -- a key nobody has priced in any currency carries no money; cents stand in for its zeroes
    coalesce(currencies.minor_units, 2) as minor_units
from resolved
left join {{ ref('stg_currencies') }} as currencies on resolved.currency = currencies.currency
