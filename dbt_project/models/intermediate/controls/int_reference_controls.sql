-- One row per PSA dataset and kind of reference: agreement and invoice lines of P whose client or product is not landed
-- (contract §5.5, REFERENCE_MISSING). Not evaluated where either side is undeclared, missing or failed while loading.
with failed as (

    select distinct source, dataset
    from {{ ref('stg_load_controls') }}
    where not passed and dataset is not null

),

usable as (

    select declared.source, declared.dataset
    from {{ ref('stg_declared_datasets') }} as declared
    anti join failed on declared.source = failed.source and declared.dataset = failed.dataset

),

usable_masters as (

    -- every declared source of clients (products) must have loaded, or a missing id proves nothing
    select declared.dataset
    from {{ ref('stg_declared_datasets') }} as declared
    left join failed on declared.source = failed.source and declared.dataset = failed.dataset
    where declared.dataset in ('clients', 'products')
    group by declared.dataset
    having count(failed.dataset) = 0

),

used as (

    select source, 'agreements' as dataset, 'clients' as master, client_id as reference_id, record_id
    from {{ ref('stg_agreements') }}
    union all
    select source, 'agreements', 'products', product_code, record_id
    from {{ ref('stg_agreements') }}
    union all
    select source, 'invoice_lines', 'clients', client_id, record_id
    from {{ ref('int_invoice_lines') }}
    where is_landed_in_period
    union all
    select source, 'invoice_lines', 'products', product_code, record_id
    from {{ ref('int_invoice_lines') }}
    where is_landed_in_period

),

landed as (

    select 'clients' as master, client_id as reference_id from {{ ref('stg_clients') }}
    union all
    select 'products', product_code from {{ ref('stg_products') }}

),

missing as (

    select used.*
    from used
    anti join landed on used.master = landed.master and used.reference_id = landed.reference_id

)

select
    'REFERENCE_MISSING' as control,
    usable.source,
    usable.dataset,
    usable_masters.dataset as scope,
    0::decimal(38, 12) as expected,
    count(missing.record_id)::decimal(38, 12) as actual,
    count(missing.record_id) = 0 as passed,
    case
        when count(missing.record_id) = 0 then 'every line names a landed ' || rtrim(usable_masters.dataset, 's')
        else
            count(missing.record_id) || ' lines name ' || usable_masters.dataset || ' that are not landed, first '
            || min(missing.reference_id) || ' (' || arg_min(missing.record_id, (missing.reference_id, missing.record_id))
            || '): land the ' || usable_masters.dataset || ' export again or correct the id'
    end as message
from usable
cross join usable_masters
left join missing
    on usable.source = missing.source and usable.dataset = missing.dataset and usable_masters.dataset = missing.master
where usable.dataset in ('agreements', 'invoice_lines')
group by usable.source, usable.dataset, usable_masters.dataset
