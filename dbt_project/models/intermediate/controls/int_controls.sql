-- One row per evaluated control of this MSP and period, but CONSERVATION_BROKEN, which needs the marts (contract §5).
with failed_charges as (

    select source from {{ ref('stg_load_controls') }} where not passed and dataset = 'vendor_charges'
    union
    select source from {{ ref('int_invoice_total_controls') }} where not passed

),

coverage as (

    select
        'COVERAGE_TOO_LOW' as control,
        null::varchar as source,
        null::varchar as dataset,
        coverage.currency as scope,
        run.min_coverage_pct::decimal(38, 12) as expected,
        coalesce(coverage.coverage_pct, 0)::decimal(38, 12) as actual,
        coverage.is_sufficient as passed,
        {{ plain_number('coalesce(coverage.coverage_pct, 0)') }} || ' % of the recurring and usage money in ' || coverage.currency
        || ' is mapped, the policy asks for ' || {{ plain_number('run.min_coverage_pct') }}
        || ' %: map the customers and SKUs listed as unmapped' as message
    from {{ ref('int_coverage') }} as coverage
    cross join {{ ref('stg_run') }} as run
    where not exists (select 1 from failed_charges)

)

select control, source, dataset, scope, expected, actual, passed, message from {{ ref('stg_load_controls') }}
union all
select control, source, dataset, scope, expected, actual, passed, message from {{ ref('int_reference_controls') }}
union all
select control, source, dataset, scope, expected, actual, passed, message from {{ ref('int_invoice_total_controls') }}
union all
select control, source, dataset, scope, expected, actual, passed, message from coverage
