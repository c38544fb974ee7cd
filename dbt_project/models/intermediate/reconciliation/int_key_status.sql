-- One row per key in P: whether it can be compared at all (contract §4.9, verdict). The order of the checks is the verdict's.
with needed as (

    {{ needed_datasets() }}

),

undeclared_bases as (

    -- a feed that nobody delivers is as missing as one that failed: its absence is no proof of zero
    select distinct needed.basis
    from needed
    anti join {{ ref('stg_declared_datasets') }} as declared on needed.dataset = declared.dataset
    where needed.dataset <> 'vendor_invoices'

),

failed_products as (

    select distinct rules.product_code
    from {{ ref('int_failed_datasets') }} as failed
    inner join {{ ref('stg_sku_map') }} as skus on failed.source = skus.source
    inner join {{ ref('int_product_rules') }} as rules on skus.product_code = rules.product_code
    semi join needed on rules.basis = needed.basis and failed.dataset = needed.dataset
    where not failed.is_psa

),

psa as (

    select count(*) > 0 as has_failed
    from {{ ref('int_failed_datasets') }}
    where is_psa

),

-- what a basis does not ask is not looked up: most keys are neither counted nor cost plus
counts as (

    select counts.*
    from {{ ref('int_key_entitlements') }} as counts
    semi join (select product_code from {{ ref('int_product_rules') }} where basis in ('entitled', 'assigned')) as counted_products
        on counts.product_code = counted_products.product_code

),

charges as (

    select charges.*
    from {{ ref('int_key_vendor_charges') }} as charges
    semi join (select product_code from {{ ref('int_product_rules') }} where basis = 'cost_plus') as marked_up_products
        on charges.product_code = marked_up_products.product_code

),

facts as (

    select
        keys.client_id,
        keys.product_code,
        keys.currency,
        keys.minor_units,
        rules.basis,
        psa.has_failed or failed_products.product_code is not null or undeclared_bases.basis is not null or map_first.lacks is not null
            as is_unreconciled,
        rules.basis in ('entitled', 'assigned') and (
            coalesce(counts.is_ambiguous, false)
            or (not coalesce(counts.has_snapshot, false) and counted.client_id is null)
            or (rules.basis = 'assigned' and coalesce(counts.has_snapshot, false) and counts.assigned_unit_days is null)
        ) as is_unreconcilable,
        keys.has_mixed_currencies
        or (
            rules.basis = 'cost_plus'
            and charges.client_id is not null
            and (charges.currency_count > 1 or charges.first_currency is distinct from keys.currency)
        ) as is_currency_mismatch
    from {{ ref('int_keys') }} as keys
    inner join {{ ref('int_product_rules') }} as rules on keys.product_code = rules.product_code
    cross join psa
    left join failed_products on keys.product_code = failed_products.product_code
    left join undeclared_bases on rules.basis = undeclared_bases.basis
    left join counts
        on keys.client_id = counts.client_id and keys.product_code = counts.product_code
    left join charges
        on keys.client_id = charges.client_id and keys.product_code = charges.product_code
    left join {{ ref('int_counted_customers') }} as counted
        on keys.client_id = counted.client_id and keys.product_code = counted.product_code
    left join {{ ref('int_map_first') }} as map_first
        on keys.client_id = map_first.client_id and keys.product_code = map_first.product_code
    where keys.exists_in_period

)

select
    client_id,
    product_code,
    currency,
    minor_units,
    basis,
    is_unreconciled,
    is_unreconcilable and not is_unreconciled as is_unreconcilable,
    is_currency_mismatch,
    not is_unreconciled and not is_unreconcilable and not is_currency_mismatch as is_compared
from facts
