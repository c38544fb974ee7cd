-- One row per key with a finding: the raw records its numbers stand on. Only keys with findings, the lists are long.
with keys as (

    select distinct client_id, product_code from {{ ref('int_client_findings') }} where line_id is null

),

records as (

    select client_id, product_code, record_id
    from {{ ref('int_vendor_lines') }}
    where is_mapped and is_reconciled_category and counts_in_period and not is_duplicate
    union all
    select client_id, product_code, record_id
    from {{ ref('int_invoice_lines') }}
    where is_reconciled
    union all
    select client_id, product_code, record_id
    from {{ ref('int_agreement_lines') }}
    where is_active_in_period or is_ended_before_period
    union all
    select lines.client_id, lines.product_code, unnest(lines.record_ids)
    from {{ ref('int_snapshot_lines') }} as lines
    inner join {{ ref('int_product_rules') }} as rules on lines.product_code = rules.product_code
    where lines.is_mapped and rules.basis in ('entitled', 'assigned')

)

select
    keys.client_id,
    keys.product_code,
    list(distinct records.record_id order by records.record_id) as record_ids
from keys
inner join records on keys.client_id = records.client_id and keys.product_code = records.product_code
group by keys.client_id, keys.product_code
