-- Grain: one row per declared dataset of a source, with what was landed in P and how much of it is mapped.
with failed as (

    select source, dataset
    from {{ ref('int_failed_datasets') }}

),

unmapped as (

    select source, count(distinct row(exception_code, vendor_customer_id, sku_id)) as unmapped_ids
    from {{ ref('int_mapping_findings') }}
    where source is not null
    group by source

)

select
    run.msp_id,
    run.period,
    declared.source,
    declared.dataset,
    declared.connector,
    failed.source is null as controls_passed,
    coalesce(unmapped.unmapped_ids, 0)::integer as unmapped_ids,
    case
        when declared.dataset not in ('vendor_charges', 'license_counts') then 'not_applicable'
        when coalesce(unmapped.unmapped_ids, 0) > 0 then 'partly_unmapped'
        else 'mapped'
    end as mapping_state
from {{ ref('stg_declared_datasets') }} as declared
cross join {{ ref('stg_run') }} as run
left join failed on declared.source = failed.source and declared.dataset = failed.dataset
left join unmapped on declared.source = unmapped.source
