-- What cannot be billed because a rule is missing: UNMAPPED_CUSTOMER, UNMAPPED_SKU and USAGE_NOT_METERED (contract §5), one row per
-- thing to decide and currency, priced at cost. Ids that only licence counts name have no cost and no currency.
with lines as (

    select
        source,
        vendor_customer_id,
        vendor_customer_name,
        sku_id,
        sku_name,
        record_id,
        currency,
        minor_units,
        effective_cost,
        client_id is null as is_unmapped_customer
    from {{ ref('int_vendor_lines') }}
    where
        is_landed_in_period and is_reconciled_category and not is_duplicate and not is_future
        and not is_mapped and exclusion is null
    union all
    select
        counts.source,
        counts.vendor_customer_id,
        null,
        counts.sku_id,
        null,
        unnest(counts.record_ids),
        null,
        null,
        0,
        counts.client_id is null
    from {{ ref('int_snapshot_lines') }} as counts
    -- counts that failed a control say nothing
    anti join {{ ref('int_failed_datasets') }} as failed on counts.source = failed.source and failed.dataset = 'license_counts'
    where not counts.is_mapped and counts.exclusion is null

),

unmapped as (

    select
        case when is_unmapped_customer then 'UNMAPPED_CUSTOMER' else 'UNMAPPED_SKU' end as exception_code,
        source,
        case when is_unmapped_customer then vendor_customer_id end as vendor_customer_id,
        case when not is_unmapped_customer then sku_id end as sku_id,
        max(case when is_unmapped_customer then vendor_customer_name else sku_name end) as vendor_name,
        currency,
        max(minor_units) as minor_units,
        count(*) as line_count,
        sum(effective_cost) as cost,
        list(record_id order by record_id) as record_ids
    from lines
    group by all

),

-- a count without a currency is worth a row of its own only where no bill names the id
worth_telling as (

    select *
    from unmapped
    qualify currency is not null or count(*) over (partition by exception_code, source, vendor_customer_id, sku_id) = 1

),

unmetered as (

    select
        lines.client_id,
        lines.product_code,
        lines.currency,
        lines.minor_units,
        count(*) as line_count,
        sum(lines.effective_cost) as cost,
        list(lines.record_id order by lines.record_id) as record_ids
    from {{ ref('int_vendor_lines') }} as lines
    inner join {{ ref('int_product_rules') }} as rules on lines.product_code = rules.product_code
    where
        lines.charge_category = 'usage' and lines.counts_in_period and lines.is_mapped
        and not lines.is_duplicate and rules.basis <> 'cost_plus'
    group by lines.client_id, lines.product_code, lines.currency, lines.minor_units

)

select
    exception_code,
    null::varchar as client_id,
    null::varchar as product_code,
    source,
    vendor_customer_id,
    sku_id,
    null::varchar as invoice_id,
    null::varchar as line_id,
    currency,
    coalesce(minor_units, 2) as minor_units,
    null::varchar as valued_at,
    {{ round_amount('cost', 'coalesce(minor_units, 2)') }} as signed_impact,
    record_ids,
    vendor_name,
    line_count
from worth_telling
union all by name
select
    'USAGE_NOT_METERED' as exception_code,
    client_id,
    product_code,
    null as source,
    null as vendor_customer_id,
    null as sku_id,
    null as invoice_id,
    null as line_id,
    currency,
    minor_units,
    null as valued_at,
    {{ round_amount('cost', 'minor_units') }} as signed_impact,
    record_ids,
    null as vendor_name,
    line_count
from unmetered
