-- One row per key (client, product) that exists in P (contract §4), or that only a late charge names, with its currency (§1).
with vendor_lines as (

    -- a line that is only late speaks for the currency where nothing counts in P
    select client_id, product_code, coalesce(min(currency) filter (where counts_in_period), min(currency)) as currency
    from {{ ref('int_vendor_lines') }}
    where
        is_mapped and is_reconciled_category and not is_duplicate
        and (counts_in_period or (is_landed_in_period and not is_future))
    group by client_id, product_code

),

present as (

    select distinct client_id, product_code
    from (
        select client_id, product_code from {{ ref('int_key_invoice_lines') }}
        union all
        select client_id, product_code from {{ ref('int_key_agreements') }} where active_line_count > 0
        union all
        select client_id, product_code from {{ ref('int_key_vendor_charges') }}
        union all
        select client_id, product_code from {{ ref('int_snapshot_lines') }} where is_mapped
    ) as legs

),

keys as (

    select
        coalesce(present.client_id, vendor_lines.client_id) as client_id,
        coalesce(present.product_code, vendor_lines.product_code) as product_code,
        present.client_id is not null as exists_in_period,
        vendor_lines.currency as vendor_currency
    from present
    full outer join vendor_lines
        on present.client_id = vendor_lines.client_id and present.product_code = vendor_lines.product_code

),

client_lines as (

    -- what the client is charged in: its invoice lines in P and its agreement lines active in P
    select client_id, product_code, currency, charge_category = 'recurring' as is_of_key, true as is_invoiced
    from {{ ref('int_invoice_lines') }}
    -- labour may be dated on a day, with a service period of none
    where overlap_days > 0 or lies_in_period
    union all
    select client_id, product_code, currency, true, false
    from {{ ref('int_agreement_lines') }}
    where is_active_in_period

),

key_currencies as (

    select
        client_id,
        product_code,
        min(currency) <> max(currency) as has_mixed_currencies,
        coalesce(min(currency) filter (where is_invoiced), min(currency)) as currency
    from client_lines
    where is_of_key
    group by client_id, product_code

),

client_currencies as (

    select client_id, min(currency) as currency
    from client_lines
    group by client_id
    having min(currency) = max(currency)

),

resolved as (

    select
        keys.client_id,
        keys.product_code,
        keys.exists_in_period,
        coalesce(key_currencies.has_mixed_currencies, false) as has_mixed_currencies,
        coalesce(
            key_currencies.currency,
            agreements.last_ended_currency,
            client_currencies.currency,
            rules.list_currency,
            keys.vendor_currency
        ) as currency
    from keys
    left join key_currencies
        on keys.client_id = key_currencies.client_id and keys.product_code = key_currencies.product_code
    left join {{ ref('int_key_agreements') }} as agreements
        on keys.client_id = agreements.client_id and keys.product_code = agreements.product_code
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
